// Monotone activations cost nothing at run time: they only move the thresholds
// (quantization.md, section 4). code(f(v)) steps where v crosses f^-1 of a boundary.
#pragma once

#include <vector>

#include "converters/ir/graph.h"

namespace weq::convert {

// The smallest x with f(x) >= y, for the activation fused into `node` (none: y itself). -infinity
// where f(x) >= y for every x, +infinity where for none.
double inverse_activation(const Node& node, double y);

// f itself, on every value in place.
void apply_activation(const Node& node, std::vector<float>* values);

}  // namespace weq::convert
