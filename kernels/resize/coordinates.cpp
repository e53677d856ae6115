#include "kernels/resize/coordinates.h"

namespace weq::kernels {
namespace {

float unclamped(const ResizeAxis& axis, int32_t i) {
  const auto position = static_cast<float>(i);
  switch (axis.mode) {
    case CoordinateMode::kAsymmetric:
      return position / axis.scale;
    case CoordinateMode::kAlignCorners:
      if (axis.out == 1) return 0;
      return position * static_cast<float>(axis.in - 1) / static_cast<float>(axis.out - 1);
    case CoordinateMode::kHalfPixelOne:
      if (axis.out == 1) return 0;
      break;
    case CoordinateMode::kHalfPixel:
      break;
  }
  return (position + 0.5f) / axis.scale - 0.5f;
}

}  // namespace

float resize_coordinate(const ResizeAxis& axis, int32_t i) {
  const float x = unclamped(axis, i), last = static_cast<float>(axis.in - 1);
  if (!(x > 0)) return 0;
  return x < last ? x : last;
}

int32_t nearest_position(const ResizeAxis& axis, NearestMode mode, int32_t i) {
  const float x = resize_coordinate(axis, i);
  const auto below = static_cast<int32_t>(x);  // x >= 0: truncation is the floor
  const float fraction = x - static_cast<float>(below);
  bool up = false;
  switch (mode) {
    case NearestMode::kRoundPreferFloor:
      up = fraction > 0.5f;
      break;
    case NearestMode::kRoundPreferCeil:
      up = fraction >= 0.5f;
      break;
    case NearestMode::kFloor:
      break;
    case NearestMode::kCeil:
      up = fraction > 0;
      break;
  }
  const int32_t nearest = below + (up ? 1 : 0);
  return nearest < axis.in ? nearest : axis.in - 1;
}

LinearTap linear_tap(const ResizeAxis& axis, int32_t i) {
  const float x = resize_coordinate(axis, i);
  auto first = static_cast<int32_t>(x);
  auto weight = static_cast<int32_t>((x - static_cast<float>(first)) * 256.0f + 0.5f);
  if (weight == 256) {
    ++first;
    weight = 0;
  }
  if (first > axis.in - 1) first = axis.in - 1;
  return {first, first + 1 < axis.in ? first + 1 : first, weight};
}

}  // namespace weq::kernels
