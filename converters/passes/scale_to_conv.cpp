#include "converters/passes/affine.h"
#include "converters/passes/passes.h"
#include "converters/passes/rewrite.h"

namespace weq::convert {
namespace {

// A chain of affine nodes becomes one convolution: its first node, which absorbs the others.
bool continues_chain(const Graph& graph, const Affine& affine) {
  const int producer = graph.producer(affine.input);
  return producer >= 0 && has_single_use(graph, affine.input) &&
         as_affine(graph, graph.nodes[static_cast<size_t>(producer)]).has_value();
}

bool to_depthwise(Graph& graph, const Node& node, std::vector<Node>* out) {
  const std::optional<Affine> affine = as_affine(graph, node);
  if (!affine || continues_chain(graph, *affine)) return false;
  const Shape shape = graph.value(affine->input).shape;
  if (shape.size() > 4 || graph.value(node.outputs[0]).shape != shape) return false;
  const size_t spatial = shape.size() == 3 ? 1 : 2;
  const int64_t channels = shape[1];
  Shape weights(spatial + 2, 1);
  weights[0] = channels;

  using Ints = std::vector<int64_t>;
  Node conv;
  conv.op = "Conv";
  conv.name = node.name;
  conv.inputs = {affine->input, add_constant(graph, node.name + "/scale", weights, affine->scale),
                 add_constant(graph, node.name + "/shift", {channels}, affine->shift)};
  conv.outputs = {node.outputs[0]};
  conv.attributes = {{"group", channels}};
  if (shape.size() > 2) {
    conv.attributes["kernel_shape"] = Ints(spatial, 1);
    conv.attributes["strides"] = Ints(spatial, 1);
    conv.attributes["dilations"] = Ints(spatial, 1);
    conv.attributes["pads"] = Ints(2 * spatial, 0);
  }
  out->push_back(std::move(conv));
  return true;
}

}  // namespace

int scale_to_conv(Graph& graph) {
  int count = 0;
  for (int replaced = 1; replaced > 0; count += replaced) {
    replaced = replace_nodes(graph, to_depthwise);
    absorb_all(graph, [](const Node&) { return true; });
  }
  return count;
}

}  // namespace weq::convert
