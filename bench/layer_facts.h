// What a .weq file says of its convolutions beyond ModelInfo: shapes, ranges of the integer levels,
// and the bounds that decide which kernels may run them.
#pragma once

#include <map>
#include <string>

namespace weq::bench {

struct LayerFacts {
  int kernel = 1, stride = 1, groups = 1, inputs = 1, outputs = 1;  // inputs: channels of a group
  int weight_min = 0, weight_max = 0;
  int input_min = 0, input_max = 0;
  int lut_flush3 = 0, lut_flush2 = 0, sum16_flush = 0;  // kernels/conv/conv.h, ConvBounds
  // Largest |U|, U = (2G) g (2G)^T of exact F(2x2,3x3); 0 unless 3x3, stride 1, one group.
  int winograd = 0;
};

// By name. `path` was verified by Model::from_file before.
std::map<std::string, LayerFacts> layer_facts(const std::string& path);

}  // namespace weq::bench
