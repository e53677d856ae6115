#include <algorithm>

#include "converters/passes/passes.h"
#include "converters/passes/rewrite.h"

namespace weq::convert {
namespace {

constexpr size_t kResidualInput = 3;  // behind x, weights, bias

// The convolution behind input `side` of an Add that can take the Add in; -1 if there is none.
int fusable_conv(const Graph& graph, const Node& add, size_t side) {
  const ValueId id = add.inputs[side];
  const int producer = graph.producer(id);
  if (producer < 0 || !has_single_use(graph, id)) return -1;
  const Node& conv = graph.nodes[static_cast<size_t>(producer)];
  const bool plain = conv.op == "Conv" && !conv.has("activation") && !conv.has("residual_input");
  return plain ? producer : -1;
}

// Both sides of the same shape, and neither a constant.
bool adds_tensors(const Graph& graph, const Node& node) {
  if (node.op != "Add" || node.inputs.size() != 2) return false;
  const Value& a = graph.value(node.inputs[0]);
  const Value& b = graph.value(node.inputs[1]);
  return a.dtype == DType::kFloat && a.shape == b.shape && a.batched == b.batched &&
         a.constant == nullptr && b.constant == nullptr;
}

}  // namespace

int fuse_residual(Graph& graph) {
  int count = 0;
  std::vector<bool> erased(graph.nodes.size(), false);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node add = graph.nodes[n];
    if (!adds_tensors(graph, add)) continue;
    const int convs[] = {fusable_conv(graph, add, 0), fusable_conv(graph, add, 1)};
    // Of two the later one: the other's result exists by then.
    const size_t side = convs[1] > convs[0] ? 1 : 0;
    if (convs[side] < 0) continue;
    const auto index = static_cast<size_t>(convs[side]);
    Node conv = graph.nodes[index];
    conv.inputs.resize(kResidualInput, kNoValue);
    conv.inputs.push_back(add.inputs[1 - side]);
    conv.attributes["residual_input"] = static_cast<int64_t>(kResidualInput);
    for (const char* key : {"activation", "activation_params"})
      if (add.has(key)) conv.attributes[key] = add.attributes.at(key);
    conv.outputs = add.outputs;
    // It runs where the Add ran: the residual may be made after the convolution's own input.
    graph.nodes[index].inputs.clear();
    graph.nodes[index].outputs.clear();
    erased[index] = true;
    graph.nodes[n] = std::move(conv);
    ++count;
  }
  erase_nodes(graph, erased);
  return count;
}

}  // namespace weq::convert
