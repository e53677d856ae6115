// Where output positions of a resized axis lie in the input: ONNX Resize, in single precision as
// its common runtimes compute it, so that positions on a rounding edge fall to the same side.
#pragma once

#include "kernels/resize/resize.h"

namespace weq::kernels {

enum class CoordinateMode : uint8_t { kHalfPixel, kAsymmetric, kAlignCorners, kHalfPixelOne };
enum class NearestMode : uint8_t { kRoundPreferFloor, kRoundPreferCeil, kFloor, kCeil };

struct ResizeAxis {
  int32_t in = 1, out = 1;
  float scale = 1;  // out / in as the model says it, > 0
  CoordinateMode mode = CoordinateMode::kHalfPixel;
};

// The coordinate of output position `i`, clamped to [0, in - 1].
float resize_coordinate(const ResizeAxis& axis, int32_t i);

// The input position nearest to it.
int32_t nearest_position(const ResizeAxis& axis, NearestMode mode, int32_t i);

// The two positions around it and floor(256 * fraction + 1/2); a weight of 256 moves on by one.
LinearTap linear_tap(const ResizeAxis& axis, int32_t i);

}  // namespace weq::kernels
