// Defaults, -w/-a, --first, --last and --layer turned into one choice per node.
#pragma once

#include <string>
#include <vector>

#include "converters/convert.h"
#include "converters/walk/plan.h"

namespace weq::convert {

// What we advise where nothing is asked: see docs/results.md.
inline constexpr int kDefaultWeightBits = 8, kDefaultActivationBits = 8;

// Throws ConvertError on a layer name that the graph lacks (it lists near ones).
std::vector<LayerChoice> choose_bits(const Graph& graph, const ConvertOptions& options);

// Activation bits of each code class: the most that any layer which reads it asks for, as the bits
// of a layer are those of its weights and of what they multiply; 8 where the class holds a graph
// input or output.
std::vector<int> class_bits(const Graph& graph, const CodeClasses& classes,
                            const std::vector<LayerChoice>& choices);

}  // namespace weq::convert
