// Antialiased bilinear resizing as Pillow and torchvision do it: a triangle filter that widens with
// the reduction, horizontal pass first, 22-bit coefficients, rounded to bytes after each pass.
#pragma once

#include "converters/data/image_file.h"

namespace weq::convert {

// `height`, `width` >= 1. A side that does not change is not filtered.
Image resize(const Image& image, int height, int width);

// Resizes so that the shorter side is `shorter`; the longer one is floor(side * shorter / short).
Image resize_shorter(const Image& image, int shorter);

// The `size` x `size` centre; offsets floor((side - size) / 2). Both sides must be >= size.
Image center_crop(const Image& image, int size);

}  // namespace weq::convert
