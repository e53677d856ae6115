// Copies an input row by row with its padding (border.h), in bytes or widened to words.
#pragma once

#include <algorithm>

#include "kernels/conv/border.h"

namespace weq::kernels {

// Rows begin .. end - 1 of [batch * window_rows][window_cols][in_c] at `copy`.
template <class T>
void copy_windows(const ConvCall& call, int64_t begin, int64_t end, T* copy) {
  const ConvShape& s = call.problem->shape;
  const uint8_t* pad = call.problem->pad_bytes;
  const int32_t rows = window_rows(s), cols = window_cols(s);
  const int32_t left = std::min(s.pad_left, cols), inside = std::min(s.in_w, cols - left);
  const auto fill = [&](int32_t pixels, T* to) {
    for (int32_t x = 0; x < pixels; ++x) to = std::copy(pad, pad + s.in_c, to);
    return to;
  };
  for (int64_t item = begin; item < end; ++item) {
    const int64_t n = item / rows, y = item % rows - s.pad_top;
    T* to = copy + item * cols * s.in_c;
    if (y < 0 || y >= s.in_h) {
      fill(cols, to);
      continue;
    }
    const uint8_t* from = call.input + (n * s.in_h + y) * s.in_w * s.in_c;
    to = std::copy(from, from + ptrdiff_t{inside} * s.in_c, fill(left, to));
    fill(cols - left - inside, to);
  }
}

}  // namespace weq::kernels
