// Where the elements of a resized axis come from.
#pragma once

#include <string>
#include <vector>

#include "converters/ops/support.h"

namespace weq::convert {

// y = (1 - weight) * x[low] + weight * x[high], or the extrapolation value.
struct Sample {
  int64_t low = 0, high = 0;
  float weight = 0;
  bool outside = false;
};

struct ResizeAxis {
  int64_t size = 1, output = 1;
  float scale = 1;
  float roi_begin = 0, roi_end = 1;  // of tf_crop_and_resize
};

// One sample per output element. `coordinates`, `nearest_mode` in ONNX's words.
std::vector<Sample> resize_samples(const ResizeAxis& axis, bool linear,
                                   const std::string& coordinates, const std::string& nearest_mode);

}  // namespace weq::convert
