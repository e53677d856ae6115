#include <algorithm>

#include "converters/float/executor.h"
#include "converters/passes/passes.h"
#include "converters/passes/rewrite.h"

namespace weq::convert {

int fold_constants(Graph& graph) {
  int count = 0;
  std::vector<bool> erased(graph.nodes.size(), false);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    const bool constant = std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId id) {
      return id == kNoValue || graph.constant(id) != nullptr;
    });
    if (!constant) continue;
    std::vector<Tensor> results;
    run_node(graph, node, std::vector<const Tensor*>(node.inputs.size(), nullptr), &results);
    for (size_t i = 0; i < results.size(); ++i) {
      if (node.outputs[i] == kNoValue) continue;
      Value& value = graph.value(node.outputs[i]);
      value.shape = results[i].shape;
      value.dtype = results[i].dtype;
      value.batched = false;
      value.constant = std::make_shared<const Tensor>(std::move(results[i]));
    }
    erased[n] = true;
    ++count;
  }
  erase_nodes(graph, erased);
  return count;
}

}  // namespace weq::convert
