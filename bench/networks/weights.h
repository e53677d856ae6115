// Random weights that are as hard on kernels as trained ones: heavy tails, kernels of unequal
// strength, a strong middle, taps that lean to one side. Gaussian ones flatter every bound.
#pragma once

#include <cstdint>
#include <vector>

#include "converters/data/noise.h"

namespace weq::bench {

// Square kernels; `inputs` of one group.
struct WeightShape {
  int64_t outputs = 1, inputs = 1, kernel = 1;
  bool depthwise = false;
};

// [outputs, inputs, kernel, kernel], of standard deviation `deviation` over the whole layer.
std::vector<float> draw_weights(const WeightShape& shape, float deviation, convert::Noise* noise);

}  // namespace weq::bench
