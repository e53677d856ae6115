#include "kernels/conv/border.h"

#include <cstring>

namespace weq::kernels {
namespace {

void fill_pad(uint8_t* to, int32_t pixels, const uint8_t* pad_bytes, int32_t channels) {
  for (int32_t x = 0; x < pixels; ++x) {
    std::memcpy(to + size_t(x) * size_t(channels), pad_bytes, size_t(channels));
  }
}

}  // namespace

int32_t window_rows(const ConvShape& s) {
  return (s.out_h - 1) * s.stride_h + (s.kernel_h - 1) * s.dilation_h + 1;
}

int32_t window_cols(const ConvShape& s) {
  return (s.out_w - 1) * s.stride_w + (s.kernel_w - 1) * s.dilation_w + 1;
}

bool needs_border(const ConvShape& s) {
  return s.pad_top > 0 || s.pad_left > 0 || window_rows(s) > s.in_h || window_cols(s) > s.in_w;
}

size_t border_bytes(const ConvProblem& problem) {
  const ConvShape& s = problem.shape;
  if (!needs_border(s)) return 0;
  return size_t(s.batch) * size_t(window_rows(s)) * size_t(window_cols(s)) * size_t(s.in_c);
}

int64_t border_items(const ConvProblem& problem) {
  const ConvShape& s = problem.shape;
  return needs_border(s) ? int64_t{s.batch} * window_rows(s) : 0;
}

void border_gather(const ConvCall& call, int64_t begin, int64_t end) {
  const ConvShape& s = call.problem->shape;
  const uint8_t* pad = call.problem->pad_bytes;
  const int32_t rows = window_rows(s), cols = window_cols(s);
  const int32_t left = s.pad_left < cols ? s.pad_left : cols;
  const int32_t inside = s.in_w < cols - left ? s.in_w : cols - left;
  const size_t channels = size_t(s.in_c);
  for (int64_t item = begin; item < end; ++item) {
    const int64_t n = item / rows;
    const int64_t y = item % rows - s.pad_top;
    uint8_t* to = call.gathered + size_t(item) * size_t(cols) * channels;
    if (y < 0 || y >= s.in_h) {
      fill_pad(to, cols, pad, s.in_c);
      continue;
    }
    const uint8_t* from = call.input + size_t(n * s.in_h + y) * size_t(s.in_w) * channels;
    fill_pad(to, left, pad, s.in_c);
    std::memcpy(to + size_t(left) * channels, from, size_t(inside) * channels);
    fill_pad(to + size_t(left + inside) * channels, cols - left - inside, pad, s.in_c);
  }
}

WindowedInput windowed_input(const ConvCall& call) {
  const ConvShape& s = call.problem->shape;
  const bool copied = needs_border(s);
  WindowedInput view;
  view.data = copied ? call.gathered : call.input;
  view.row = ptrdiff_t{copied ? window_cols(s) : s.in_w} * s.in_c;
  view.image = view.row * (copied ? window_rows(s) : s.in_h);
  return view;
}

}  // namespace weq::kernels
