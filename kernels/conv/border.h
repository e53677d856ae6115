// The input with its padding: a copy in which every window lies inside, made only when the
// convolution pads. The three functions fit the gather entries of ConvKernel as they are; one work
// item is one row of the copy.
#pragma once

#include "kernels/conv/conv.h"

namespace weq::kernels {

// Rows and columns that the windows of all outputs touch, padding included. May be less than the
// input when the stride leaves a rest.
int32_t window_rows(const ConvShape& shape);
int32_t window_cols(const ConvShape& shape);

// True when some window reaches outside the input.
bool needs_border(const ConvShape& shape);

// Bytes of the copy [batch][window_rows][window_cols][in_c]; 0 when none is needed.
size_t border_bytes(const ConvProblem& problem);
int64_t border_items(const ConvProblem& problem);
void border_gather(const ConvCall& call, int64_t begin, int64_t end);

// The input as windows see it: `data` is the first byte of the first window; outputs (n, y, x)
// start at data + n * image + y * stride_h * row + x * stride_w * in_c.
struct WindowedInput {
  const uint8_t* data = nullptr;
  ptrdiff_t row = 0, image = 0;  // bytes
};
WindowedInput windowed_input(const ConvCall& call);

}  // namespace weq::kernels
