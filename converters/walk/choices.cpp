#include "converters/walk/choices.h"

#include <algorithm>

namespace weq::convert {
namespace {

constexpr int kPortBits = 8;

int levels_of(const LayerBits& bits, int fallback) {
  if (bits.weight_levels > 0) return bits.weight_levels;
  return bits.weight_bits > 0 ? 1 << bits.weight_bits : fallback;
}

void override_choice(const LayerBits& bits, LayerChoice* choice) {
  choice->weight_levels = levels_of(bits, choice->weight_levels);
  if (bits.activation_bits > 0) choice->activation_bits = bits.activation_bits;
}

// Names that share a start or an end with `name`, a few of them.
std::string near_names(const Graph& graph, const std::string& name) {
  std::vector<std::pair<size_t, std::string>> scored;
  for (const Node& node : graph.nodes) {
    size_t start = 0, end = 0;
    const size_t n = std::min(name.size(), node.name.size());
    while (start < n && name[start] == node.name[start]) ++start;
    while (end < n && name[name.size() - 1 - end] == node.name[node.name.size() - 1 - end]) ++end;
    scored.emplace_back(start + end, node.name);
  }
  std::stable_sort(scored.begin(), scored.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string list;
  for (size_t i = 0; i < std::min<size_t>(5, scored.size()); ++i) {
    list += (i ? ", " : "") + scored[i].second;
  }
  return list;
}

}  // namespace

std::vector<LayerChoice> choose_bits(const Graph& graph, const ConvertOptions& options) {
  LayerChoice common;
  common.weight_levels = levels_of(options.bits, 1 << kDefaultWeightBits);
  common.activation_bits =
      options.bits.activation_bits > 0 ? options.bits.activation_bits : kDefaultActivationBits;
  std::vector<LayerChoice> choices(graph.nodes.size(), common);

  std::vector<size_t> weighted;
  for (size_t k = 0; k < graph.nodes.size(); ++k) {
    if (graph.nodes[k].op == "Conv") weighted.push_back(k);
  }
  if (!weighted.empty()) {
    if (options.first) override_choice(*options.first, &choices[weighted.front()]);
    if (options.last) override_choice(*options.last, &choices[weighted.back()]);
  }
  for (const auto& [name, bits] : options.layers) {
    const auto found = std::find_if(graph.nodes.begin(), graph.nodes.end(),
                                    [&](const Node& node) { return node.name == name; });
    if (found == graph.nodes.end()) {
      throw ConvertError("--layer " + name +
                         ": the model has no such layer; near names: " + near_names(graph, name));
    }
    override_choice(bits, &choices[static_cast<size_t>(found - graph.nodes.begin())]);
  }
  return choices;
}

std::vector<int> class_bits(const Graph& graph, const CodeClasses& classes,
                            const std::vector<LayerChoice>& choices) {
  std::vector<int> bits(static_cast<size_t>(classes.classes), 0);
  const auto ask = [&](ValueId id, int wanted) {
    if (id == kNoValue) return;
    const int klass = classes.class_of[static_cast<size_t>(id)];
    if (klass < 0) return;
    int& has = bits[static_cast<size_t>(klass)];
    has = std::max(has, wanted);
  };
  const auto ask_first = [&](ValueId id, int wanted) {
    if (id == kNoValue) return;
    const int klass = classes.class_of[static_cast<size_t>(id)];
    if (klass >= 0 && bits[static_cast<size_t>(klass)] == 0) ask(id, wanted);
  };
  for (size_t k = 0; k < graph.nodes.size(); ++k) {
    if (moves_bytes(graph, graph.nodes[k])) continue;
    for (ValueId id : graph.nodes[k].inputs) ask(id, choices[k].activation_bits);
  }
  for (size_t k = 0; k < graph.nodes.size(); ++k) {  // values that no layer reads
    for (ValueId id : graph.nodes[k].outputs) ask_first(id, choices[k].activation_bits);
  }
  for (ValueId id : graph.inputs) ask(id, kPortBits);
  for (ValueId id : graph.outputs) ask(id, kPortBits);
  return bits;
}

}  // namespace weq::convert
