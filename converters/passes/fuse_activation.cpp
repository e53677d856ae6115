#include <limits>
#include <optional>

#include "converters/passes/passes.h"
#include "converters/passes/rewrite.h"

namespace weq::convert {
namespace {

// Parameters of a monotone non-decreasing activation, in the order of `activation_params`
// (ops/README.md); nothing for everything else.
std::optional<std::vector<float>> monotone_params(const Node& node) {
  using Params = std::vector<float>;
  if (node.inputs.size() != 1) return std::nullopt;
  const std::string& op = node.op;
  if (op == "Relu" || op == "Sigmoid" || op == "Tanh" || op == "Softplus" || op == "Softsign")
    return Params{};
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  if (op == "Clip") {
    const Params bounds{node.get_float("min", -kInfinity), node.get_float("max", kInfinity)};
    return bounds[0] <= bounds[1] ? std::optional(bounds) : std::nullopt;
  }
  Params params;
  if (op == "LeakyRelu") params = {node.get_float("alpha", 0.01F)};
  if (op == "Elu") params = {node.get_float("alpha", 1.0F)};
  if (op == "HardSigmoid") params = {node.get_float("alpha", 0.2F), node.get_float("beta", 0.5F)};
  if (op == "Selu")
    params = {node.get_float("alpha", 1.67326319F), node.get_float("gamma", 1.05070102F)};
  if (params.empty() || params[0] < 0 || (op == "Selu" && params[1] <= 0)) return std::nullopt;
  return params;
}

bool ends_in_requantization(const Node& node) {
  return node.op == "Conv" || node.op == "Add" || node.op == "Mul" || node.op == "AveragePool" ||
         node.op == "GlobalAveragePool";
}

}  // namespace

int fuse_activation(Graph& graph) {
  int count = 0;
  std::vector<bool> erased(graph.nodes.size(), false);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& activation = graph.nodes[n];
    const std::optional<std::vector<float>> params = monotone_params(activation);
    if (!params || !has_single_use(graph, activation.inputs[0])) continue;
    const int producer = graph.producer(activation.inputs[0]);
    if (producer < 0) continue;
    Node& layer = graph.nodes[static_cast<size_t>(producer)];
    const bool is_float = graph.value(activation.inputs[0]).dtype == DType::kFloat;
    if (!ends_in_requantization(layer) || layer.has("activation") || !is_float) continue;
    layer.attributes["activation"] = activation.op;
    layer.attributes["activation_params"] = *params;
    layer.outputs[0] = activation.outputs[0];
    graph.nodes[n].outputs.clear();
    erased[n] = true;
    ++count;
  }
  erase_nodes(graph, erased);
  return count;
}

}  // namespace weq::convert
