// One axis of a sliding window: where it starts, which of its positions lie inside the image, and
// how many count in an average (quantization.md, section 4; ONNX's rules for ceil_mode).
#pragma once

#include <cstdint>

namespace weq::kernels {

struct WindowAxis {
  int64_t in = 1;
  int64_t kernel = 1, stride = 1, dilation = 1;
  int64_t pad_before = 0, pad_after = 0;
};

struct WindowSpan {
  int64_t first = 0;    // image position of the first inside one
  int64_t inside = 0;   // positions inside the image
  int64_t counted = 0;  // positions inside the image or its padding
};

inline WindowSpan window_span(const WindowAxis& axis, int64_t out_position) {
  const int64_t start = out_position * axis.stride - axis.pad_before;
  const auto positions_below = [&](int64_t limit) {  // how many k have start + k * dilation < limit
    if (start >= limit) return int64_t{0};
    const int64_t k = (limit - start + axis.dilation - 1) / axis.dilation;
    return k < axis.kernel ? k : axis.kernel;
  };
  const int64_t skipped = positions_below(0);
  WindowSpan span;
  span.first = start + skipped * axis.dilation;
  span.inside = positions_below(axis.in) - skipped;
  span.counted = positions_below(axis.in + axis.pad_after);
  return span;
}

// Output positions of the axis; 0: the window does not fit. With
// `ceil`, a last window may hang over the edge, but must start inside the image or the padding
// before it.
inline int64_t window_outputs(const WindowAxis& axis, bool ceil) {
  const int64_t reach = (axis.kernel - 1) * axis.dilation + 1;
  const int64_t room = axis.in + axis.pad_before + axis.pad_after - reach;
  if (room < 0) return 0;
  int64_t outputs = (ceil ? (room + axis.stride - 1) / axis.stride : room / axis.stride) + 1;
  if (ceil && (outputs - 1) * axis.stride >= axis.in + axis.pad_before) --outputs;
  return outputs;
}

}  // namespace weq::kernels
