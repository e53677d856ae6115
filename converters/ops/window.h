// The sliding window of convolutions and pools over the spatial axes.
#pragma once

#include <array>

#include "converters/ops/support.h"

namespace weq::convert {

// Along one axis, in elements.
struct AxisWindow {
  int64_t kernel = 1, stride = 1, dilation = 1, pad_begin = 0, pad_end = 0;
  int64_t extent() const { return (kernel - 1) * dilation + 1; }
};

// Height, width; an image of one spatial axis has height 1.
using Window2d = std::array<AxisWindow, 2>;

// A tensor [n, c, spatial...] of rank 2 to 4 seen as an image.
struct Image {
  int64_t n = 1, c = 1, h = 1, w = 1;
};
Image image_of(const Shape& shape);

// Fills `kernel_shape strides dilations pads` in; `auto_pad` becomes pads by the size of the
// `spatial` axes and is removed. Idempotent. Fails where the numbers do not fit the axes.
void resolve_window(Node& node, const Shape& spatial, const Shape& kernel);
// The window of a resolved node. An image of rank 2 has the window 1x1.
Window2d window_of(const Node& node);
// How many positions the window takes along an axis of `size`; with `ceil_mode`, one that only
// partly lies on the axis counts if it starts before the end padding. Below 1: it does not fit.
int64_t window_count(const AxisWindow& axis, int64_t size, bool ceil_mode = false);

// "" or the reason why the window's attributes cannot be taken (more than two spatial axes,
// negative or absurd values).
std::string check_window(const Node& node);

}  // namespace weq::convert
