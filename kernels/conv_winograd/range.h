// How large transformed weights become: the exactness bounds of Winograd convolutions.
#pragma once

#include "kernels/conv/conv.h"

namespace weq::kernels {

struct WinogradRange {
  int32_t line = 0;       // ConvBounds::winograd_line
  int32_t centre = 0;     // ConvBounds::winograd_centre
  int32_t f4_scaled = 0;  // ConvBounds::winograd4
};

// Groups of fewer input channels are not worth transforms; one group has any number.
inline constexpr int32_t kWinogradGroupInputs = 32;
inline bool has_winograd_groups(const ConvShape& shape) {
  return shape.groups == 1 || shape.in_c / shape.groups >= kWinogradGroupInputs;
}

// True for what the transforms are made for: 3x3 (or 5x5), stride and dilation 1, groups as above.
bool is_winograd_shape(const ConvShape& shape);
bool is_winograd5_shape(const ConvShape& shape);

// From the real codes; of 5x5 kernels their 3x3 parts count (parts.h). All 0 for other shapes.
// Needs channels, groups and kernel of `shape` alone. Linear in the weights, no allocation.
WinogradRange winograd_range(const ConvShape& shape, const ConvWeights& weights);

}  // namespace weq::kernels
