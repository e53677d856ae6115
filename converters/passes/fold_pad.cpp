#include <algorithm>

#include "converters/passes/passes.h"
#include "converters/passes/rewrite.h"

namespace weq::convert {
namespace {

// Pads by zeros, outwards, on spatial axes only.
bool pads_image_with_zeros(const Graph& graph, const Node& node) {
  if (node.op != "Pad" || node.get_string("mode", "constant") != "constant" ||
      node.get_float("value", 0.0F) != 0.0F || node.inputs.size() != 1)
    return false;
  const size_t rank = graph.value(node.inputs[0]).shape.size();
  const std::vector<int64_t> pads = node.get_ints("pads");
  if (rank < 3 || pads.size() != 2 * rank) return false;
  for (size_t i = 0; i < pads.size(); ++i)
    if (pads[i] < 0 || (i % rank < 2 && pads[i] != 0)) return false;
  return true;
}

// An average counts the zeros of a Pad, so it must count its own padding, too.
bool takes_padding(const Node& node) {
  if (node.op == "Conv") return true;
  if (node.op != "AveragePool" || node.get_int("ceil_mode", 0) != 0) return false;
  const std::vector<int64_t> pads = node.get_ints("pads");
  return node.get_int("count_include_pad", 0) != 0 ||
         std::all_of(pads.begin(), pads.end(), [](int64_t pad) { return pad == 0; });
}

void add_pads(Node& node, const std::vector<int64_t>& outer, size_t rank) {
  std::vector<int64_t> pads = node.get_ints("pads");
  const size_t spatial = rank - 2;
  pads.resize(2 * spatial, 0);
  for (size_t i = 0; i < spatial; ++i) {
    pads[i] += outer[2 + i];
    pads[spatial + i] += outer[rank + 2 + i];
  }
  node.attributes["pads"] = pads;
  if (node.op == "AveragePool") node.attributes["count_include_pad"] = int64_t{1};
}

}  // namespace

int fold_pad(Graph& graph) {
  int count = 0;
  std::vector<bool> erased(graph.nodes.size(), false);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& pad = graph.nodes[n];
    if (!pads_image_with_zeros(graph, pad) || !has_single_use(graph, pad.outputs[0])) continue;
    Node& reader = graph.nodes[static_cast<size_t>(graph.consumers(pad.outputs[0]).front())];
    if (!takes_padding(reader) || reader.inputs[0] != pad.outputs[0]) continue;
    add_pads(reader, pad.get_ints("pads"), graph.value(pad.inputs[0]).shape.size());
    reader.inputs[0] = pad.inputs[0];
    erased[n] = true;
    ++count;
  }
  erase_nodes(graph, erased);
  return count;
}

}  // namespace weq::convert
