// Where the results of a convolution go: every family hands its tiles to the epilogue through here.
#pragma once

#include "kernels/conv/conv.h"

namespace weq::kernels {

// The tile that begins at output row `row` (a position of batch * out_h * out_w) and `channel`.
EpilogueTarget conv_target(const ConvCall& call, int64_t row, int32_t channel);

}  // namespace weq::kernels
