"""Renders distorted characters: the data of the bundled network. Same seed, same images."""
import glob
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

CLASSES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIZE = 28
FONTS = sorted(glob.glob("/usr/share/fonts/truetype/dejavu/*.ttf"))


def render(rng, label):
    """One uint8 [SIZE, SIZE] image of CLASSES[label]."""
    font = ImageFont.truetype(FONTS[rng.integers(len(FONTS))], int(rng.integers(28, 42)))
    canvas = Image.new("L", (64, 64), 0)
    draw = ImageDraw.Draw(canvas)
    left, top, right, bottom = draw.textbbox((0, 0), CLASSES[label], font=font)
    draw.text((32 - (left + right) / 2, 32 - (top + bottom) / 2), CLASSES[label], 255, font=font)
    # A random affine map of the 28x28 window into the canvas: rotation, shear, scale, shift.
    angle, scale = rng.normal(0, 0.18), rng.uniform(1.25, 1.9)
    shear = rng.normal(0, 0.18)
    c, s = np.cos(angle) * scale, np.sin(angle) * scale
    a, b, d, e = c, -s + shear * c, s, c + shear * s
    cx, cy = 32 + rng.normal(0, 2.0), 32 + rng.normal(0, 2.0)
    half = SIZE / 2
    glyph = canvas.transform((SIZE, SIZE), Image.AFFINE,
                             (a, b, cx - a * half - b * half, d, e, cy - d * half - e * half),
                             Image.BILINEAR)
    if rng.random() < 0.4:
        glyph = glyph.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.1)))
    ink = np.asarray(glyph, np.float32) / 255
    low, high = rng.uniform(0, 90), rng.uniform(140, 255)
    ramp = np.linspace(-1, 1, SIZE, dtype=np.float32)
    shade = rng.normal(0, 14) * ramp[None, :] + rng.normal(0, 14) * ramp[:, None]
    image = low + (high - low) * ink + shade + rng.normal(0, rng.uniform(2, 22), ink.shape)
    if rng.random() < 0.3:
        image = 255 - image
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def render_set(seed, count):
    """uint8 [count, SIZE, SIZE, 1] and int64 [count], classes in turn."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.int64) % len(CLASSES)
    return np.stack([render(rng, k) for k in labels])[..., None], labels
