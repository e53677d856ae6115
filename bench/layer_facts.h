// What a .weq file says of its convolutions beyond ModelInfo: shapes, ranges of the integer levels,
// and the bounds that decide which kernels may run them.
#pragma once

#include <string>
#include <vector>

namespace weq::bench {

struct LayerFacts {
  std::string name;
  int kernel = 1, stride = 1, groups = 1, inputs = 1, outputs = 1;  // inputs: channels of a group
  int weight_min = 0, weight_max = 0;
  int input_min = 0, input_max = 0;
  // kernels/conv/conv.h, ConvBounds
  int lut_flush3 = 0, lut_flush2 = 0, sum16_flush = 0, winograd_line = 0, winograd_centre = 0;
};

// In execution order. `path` was verified by Model::from_file before.
std::vector<LayerFacts> layer_facts(const std::string& path);

}  // namespace weq::bench
