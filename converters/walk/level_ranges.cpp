#include "converters/walk/level_ranges.h"

#include <algorithm>

#include "kernels/conv_winograd/range.h"

namespace weq::convert {
namespace {

constexpr int kTernary = 3, kFewLevels = 4, kFineLevels = 16;  // weights
constexpr int kTableBits = 4, kWinogradBits = 6;               // activations
constexpr int kByteWinograd = 63, kGroupInputs = kernels::kWinogradGroupInputs;

// 3x3 and 5x5 windows that move by one, over enough channels: what Winograd in bytes can run.
bool has_winograd_shape(const Graph& graph, const Node& conv) {
  const auto all = [&](const char* key, int64_t wanted) {
    const std::vector<int64_t> values = conv.get_ints(key);
    return std::all_of(values.begin(), values.end(), [&](int64_t v) { return v == wanted; });
  };
  const Shape& shape = graph.constant(conv.inputs[1])->shape;
  return shape.size() == 4 && (shape[2] == 3 || shape[2] == 5) && shape[3] == shape[2] &&
         all("strides", 1) && all("dilations", 1) &&
         (conv.get_int("group", 1) == 1 || shape[1] >= kGroupInputs);
}

// Codes of few bits stay small everywhere.
int level_limit_of(int bits) { return bits <= 2 ? 3 : bits <= kTableBits ? kByteWinograd : 255; }

// What the kernels that may run `conv` hold in a byte.
int level_limit_beside(const Graph& graph, const Node& conv, int weight_levels, int bits) {
  if (bits <= kTableBits && weight_levels <= kTernary) return 15;
  if (bits <= kTableBits && weight_levels <= kFewLevels) return 42;
  return bits <= kWinogradBits && has_winograd_shape(graph, conv) ? kByteWinograd : 255;
}

}  // namespace

int weight_level_limit(const Graph& graph, const Node& conv, int levels, int input_level) {
  if (levels <= kTernary) return 1;
  if (levels <= kFewLevels) return 3;
  if (levels > kFineLevels) return 127;
  return input_level <= kByteWinograd && has_winograd_shape(graph, conv) ? 14 : 31;
}

std::vector<int> activation_level_limits(const Graph& graph, const CodeClasses& classes,
                                         const std::vector<LayerChoice>& choices,
                                         const std::vector<int>& bits) {
  std::vector<int> limits;
  for (const int b : bits) limits.push_back(level_limit_of(b));
  for (size_t k = 0; k < graph.nodes.size(); ++k) {
    const Node& node = graph.nodes[k];
    if (node.op != "Conv" || choices[k].stays_float) continue;
    const int klass = classes.class_of[static_cast<size_t>(node.inputs[0])];
    if (klass < 0) continue;
    const size_t c = static_cast<size_t>(klass);
    limits[c] =
        std::min(limits[c], level_limit_beside(graph, node, choices[k].weight_levels, bits[c]));
  }
  return limits;
}

}  // namespace weq::convert
