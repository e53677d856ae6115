// How large integer levels may become, so that fast kernels can run the layers that multiply them
// (quantization.md, section 3). Limits only; the codes decide whether a bound holds (kernels/conv).
#pragma once

#include <vector>

#include "converters/walk/plan.h"

namespace weq::convert {

// Largest |level| of the weights of a Conv node whose codebook has `levels` entries and whose input
// reaches `input_level`.
int weight_level_limit(const Graph& graph, const Node& conv, int levels, int input_level);

// Largest |level| of each code class with `bits`: where convolutions with few weight levels read
// it, small enough for the tables that they run on.
std::vector<int> activation_level_limits(const Graph& graph, const CodeClasses& classes,
                                         const std::vector<LayerChoice>& choices,
                                         const std::vector<int>& bits);

}  // namespace weq::convert
