"""A canvas that writes SVG: rectangles, lines, dots and text in pixels from the top left."""
from xml.sax.saxutils import escape

PALETTE = ["#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bb7733", "#999999"]


class Canvas:
    def __init__(self, width, height):
        self.width, self.height, self.parts = width, height, []
        self.rectangle(0, 0, width, height, "#ffffff")

    def rectangle(self, x, y, width, height, fill, title=""):
        tip = f"<title>{escape(title)}</title>" if title else ""
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
                          f'fill="{fill}">{tip}</rect>')

    def line(self, x1, y1, x2, y2, stroke="#cccccc", dash=""):
        dash = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
                          f'stroke="{stroke}"{dash}/>')

    def dot(self, x, y, radius, fill, title=""):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{fill}">'
                          f"<title>{escape(title)}</title></circle>")

    def text(self, x, y, text, size=11, anchor="start", turn=0, fill="#222222"):
        turned = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
                          f'fill="{fill}"{turned}>{escape(str(text))}</text>')

    def legend(self, x, y, names, colours):
        for name in names:
            self.rectangle(x, y - 9, 10, 10, colours[name])
            self.text(x + 14, y, name)
            x += 24 + 6.5 * len(name)

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} '
                       f'{self.height}" font-family="sans-serif">\n' + "\n".join(self.parts) +
                       "\n</svg>\n")


def axis(canvas, left, right, top, bottom, most, step, unit=""):
    """Horizontal lines from 0 to `most`; gives the function from a value to its height."""
    def height(value):
        return bottom - (bottom - top) * min(value, most) / most
    value = 0.0
    while value <= most + 1e-9:
        canvas.line(left, height(value), right, height(value))
        canvas.text(left - 6, height(value) + 4, f"{value:g}{unit}", anchor="end")
        value += step
    return height


def colours_of(names):
    return {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(names)}


def unique(values):
    return list(dict.fromkeys(values))
