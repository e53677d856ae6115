#include <algorithm>

#include "converters/passes/passes.h"
#include "converters/passes/rewrite.h"

namespace weq::convert {
namespace {

using Ints = std::vector<int64_t>;

Node reshape_node(const std::string& name, ValueId in, ValueId out, Ints shape) {
  Node node;
  node.op = "Reshape";
  node.name = name;
  node.inputs = {in};
  node.outputs = {out};
  node.attributes["shape"] = std::move(shape);
  return node;
}

// Extent of the input's `axis` as element `at` of a Reshape's shape, free of the batch.
int64_t spell_extent(const Value& in, size_t axis, size_t at) {
  if (axis == at) return 0;
  return axis == 0 && in.batched ? -1 : in.shape[axis];
}

Ints flatten_shape(const Node& node, const Value& in) {
  const auto axis = static_cast<size_t>(node.get_int("axis", 1));
  if (axis == 1) return {0, -1};
  int64_t before = 1, after = 1;
  for (size_t i = 0; i < in.shape.size(); ++i) (i < axis ? before : after) *= in.shape[i];
  if (axis == 0 || !in.batched) return {before, -1};
  return {-1, after};
}

Ints squeeze_shape(const Node& node, const Value& in) {
  const Ints axes = node.get_ints("axes");
  Ints shape;
  for (size_t i = 0; i < in.shape.size(); ++i) {
    const bool listed = std::find(axes.begin(), axes.end(), static_cast<int64_t>(i)) != axes.end();
    const bool dropped = axes.empty() ? in.shape[i] == 1 && !(i == 0 && in.batched) : listed;
    if (!dropped) shape.push_back(spell_extent(in, i, shape.size()));
  }
  return shape;
}

Ints unsqueeze_shape(const Node& node, const Value& in) {
  const Ints axes = node.get_ints("axes");
  Ints shape;
  size_t next = 0;
  while (shape.size() < in.shape.size() + axes.size()) {
    const auto at = static_cast<int64_t>(shape.size());
    const bool added = std::find(axes.begin(), axes.end(), at) != axes.end();
    if (added) {
      shape.push_back(1);
    } else {
      shape.push_back(spell_extent(in, next, shape.size()));
      ++next;
    }
  }
  return shape;
}

// Blocks become axes of their own, change places, and merge with their neighbours.
void lower_blocks(Graph& graph, const Node& node, std::vector<Node>* out) {
  const Value in = graph.value(node.inputs[0]);
  const Shape result = graph.value(node.outputs[0]).shape;
  const int64_t b = node.get_int("blocksize", 1), h = in.shape[2], w = in.shape[3];
  Ints parts, perm;
  if (node.op == "SpaceToDepth") {
    parts = {0, 0, h / b, b, w / b, b};
    perm =
        node.get_string("mode", "DCR") == "DCR" ? Ints{0, 3, 5, 1, 2, 4} : Ints{0, 1, 3, 5, 2, 4};
  } else if (node.get_string("mode", "DCR") == "DCR") {
    parts = {0, b, b, in.shape[1] / (b * b), h, w};
    perm = {0, 3, 4, 1, 5, 2};
  } else {
    parts = {0, in.shape[1] / (b * b), b, b, h, w};
    perm = {0, 1, 4, 2, 5, 3};
  }
  const ValueId split = add_result(graph, node.name + "/split", in.batched);
  const ValueId moved = add_result(graph, node.name + "/moved", in.batched);
  Node transpose;
  transpose.op = "Transpose";
  transpose.name = unique_node_name(graph, node.name + "/move");
  transpose.inputs = {split};
  transpose.outputs = {moved};
  transpose.attributes["perm"] = perm;
  out->push_back(
      reshape_node(unique_node_name(graph, node.name + "/split"), node.inputs[0], split, parts));
  out->push_back(std::move(transpose));
  out->push_back(
      reshape_node(node.name, moved, node.outputs[0], {0, result[1], result[2], result[3]}));
}

bool lower(Graph& graph, const Node& node, std::vector<Node>* out) {
  if (node.op == "DepthToSpace" || node.op == "SpaceToDepth") {
    lower_blocks(graph, node, out);
    return true;
  }
  const bool flatten = node.op == "Flatten", squeeze = node.op == "Squeeze";
  if (!flatten && !squeeze && node.op != "Unsqueeze") return false;
  const Value& in = graph.value(node.inputs[0]);
  Ints shape = flatten   ? flatten_shape(node, in)
               : squeeze ? squeeze_shape(node, in)
                         : unsqueeze_shape(node, in);
  out->push_back(reshape_node(node.name, node.inputs[0], node.outputs[0], std::move(shape)));
  return true;
}

}  // namespace

int lower_reshapes(Graph& graph) { return replace_nodes(graph, lower); }

}  // namespace weq::convert
