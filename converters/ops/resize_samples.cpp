#include <algorithm>
#include <cmath>

#include "converters/ops/resize.h"

namespace weq::convert {
namespace {

float source_of(const ResizeAxis& axis, int64_t index, const std::string& coordinates) {
  const auto x = static_cast<float>(index);
  const auto size = static_cast<float>(axis.size);
  const auto output = static_cast<float>(axis.output);
  if (coordinates == "asymmetric") return x / axis.scale;
  if (coordinates == "align_corners") {
    // ONNX's test of fractional scales means the size before it was rounded down.
    return axis.output == 1 ? 0.0f : x * (size - 1) / (axis.scale * size - 1);
  }
  if (coordinates == "pytorch_half_pixel") {
    return axis.output > 1 ? (x + 0.5f) / axis.scale - 0.5f : 0.0f;
  }
  if (coordinates == "half_pixel_symmetric") {
    const float offset = 0.5f * size * (1.0f - output / (axis.scale * size));
    return offset + (x + 0.5f) / axis.scale - 0.5f;
  }
  if (coordinates == "tf_half_pixel_for_nn") return (x + 0.5f) / axis.scale;
  if (coordinates == "tf_crop_and_resize") {
    if (axis.output == 1) return 0.5f * (axis.roi_begin + axis.roi_end) * (size - 1);
    return axis.roi_begin * (size - 1) +
           x * (axis.roi_end - axis.roi_begin) * (size - 1) / (output - 1);
  }
  return (x + 0.5f) / axis.scale - 0.5f;  // half_pixel
}

float nearest(float x, const std::string& mode) {
  if (mode == "floor") return std::floor(x);
  if (mode == "ceil") return std::ceil(x);
  if (mode == "round_prefer_ceil") return std::floor(x + 0.5f);
  return std::ceil(x - 0.5f);  // round_prefer_floor
}

}  // namespace

std::vector<Sample> resize_samples(const ResizeAxis& axis, bool linear,
                                   const std::string& coordinates,
                                   const std::string& nearest_mode) {
  const auto last = static_cast<float>(axis.size - 1);
  std::vector<Sample> samples(static_cast<size_t>(axis.output));
  for (int64_t i = 0; i < axis.output; ++i) {
    const float x = source_of(axis, i, coordinates);
    Sample& sample = samples[static_cast<size_t>(i)];
    sample.outside = coordinates == "tf_crop_and_resize" && (x < 0 || x > last);
    const float inside = std::clamp(linear ? x : nearest(x, nearest_mode), 0.0f, last);
    sample.low = static_cast<int64_t>(std::floor(inside));
    sample.high = std::min(sample.low + 1, axis.size - 1);
    sample.weight = inside - std::floor(inside);
  }
  return samples;
}

}  // namespace weq::convert
