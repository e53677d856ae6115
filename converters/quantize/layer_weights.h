// The weights of one layer -> codes, integer levels and scales: codebook, rounding to integers and
// assignment in one call (quantization.md, sections 1 and 3).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converters/ir/graph.h"
#include "converters/quantize/codebook.h"

namespace weq::convert {

struct WeightOptions {
  int levels = 16;  // 2..256
  Criterion criterion = Criterion::kMse;
  Scheme scheme = Scheme::kSymmetric;
  Search search = Search::kExact;
  bool channel_scale = true;
  bool paper = false;
  int max_level = 127;  // largest |integer level|
};

struct LayerWeights {
  std::vector<uint8_t> codes;      // canonical order: out_c, kernel_h, kernel_w, in_c / groups
  std::vector<int8_t> levels;      // integer level of each code, ascending
  std::vector<float> real_levels;  // the codebook before it became integer
  std::vector<double> scales;      // real weight = scales[o] * levels[code]
  int bits = 0;                    // of a packed code
  std::string note;                // what differs from what was asked, or ""
};

// `weights`: [out_c, in_c / groups, spatial...]. `mean_square`: of the input per channel (all in_c
// of them); used by kOutput, may be empty else.
LayerWeights quantize_weights(const Tensor& weights, int64_t groups,
                              const std::vector<double>& mean_square, const WeightOptions& options);

// scales[o] * levels[code] as a tensor of the original shape.
Tensor dequantize_weights(const LayerWeights& quantized, const Shape& shape);

}  // namespace weq::convert
