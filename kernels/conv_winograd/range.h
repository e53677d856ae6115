// How large transformed weights become: the exactness bounds of Winograd convolutions.
#pragma once

#include "kernels/conv/conv.h"

namespace weq::kernels {

struct WinogradRange {
  int32_t line = 0;       // ConvBounds::winograd_line
  int32_t centre = 0;     // ConvBounds::winograd_centre
  int32_t f4_scaled = 0;  // ConvBounds::winograd4
};

// True for what the transforms are made for: 3x3, stride and dilation 1, one group.
bool is_winograd_shape(const ConvShape& shape);

// From the real codes; all 0 for other shapes. Needs channels and kernel of `shape` alone. Linear
// in the weights, no allocation.
WinogradRange winograd_range(const ConvShape& shape, const ConvWeights& weights);

}  // namespace weq::kernels
