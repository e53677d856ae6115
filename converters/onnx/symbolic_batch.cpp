#include "converters/onnx/symbolic_batch.h"

#include <algorithm>
#include <limits>

#include "converters/ops/op.h"

namespace weq::convert {
namespace {

using Ints = std::vector<int64_t>;

bool same(const Tensor& a, const Tensor& b) {
  return a.dtype == b.dtype && a.shape == b.shape && a.f == b.f && a.i == b.i;
}

// `two` is `one` repeated along the first axis: broadcasting makes it so again.
bool repeats(const Tensor& one, const Tensor& two) {
  if (one.shape.empty() || two.shape.empty() || one.shape[0] != 1 || two.shape[0] != 2)
    return false;
  Tensor doubled = one;
  doubled.shape[0] = 2;
  doubled.f.insert(doubled.f.end(), one.f.begin(), one.f.end());
  doubled.i.insert(doubled.i.end(), one.i.begin(), one.i.end());
  return same(doubled, two);
}

bool free_reshape(const Shape& one, const Shape& two, Ints* shape, const Ints& other) {
  for (size_t i = 0; i < shape->size(); ++i) {
    int64_t& extent = (*shape)[i];
    if (extent == other[i]) continue;
    const bool copies = i < one.size() && (extent == 0 || extent == one[i]) && other[i] == two[i];
    const bool has_rest = std::find(shape->begin(), shape->end(), -1) != shape->end();
    if (!copies && has_rest) return false;
    extent = copies ? 0 : -1;
  }
  return true;
}

bool free_slice_ends(const Node& node, const Shape& one, const Shape& two, Ints* ends,
                     const Ints& other) {
  const Ints axes = node.get_ints("axes");
  for (size_t i = 0; i < ends->size(); ++i) {
    if ((*ends)[i] == other[i]) continue;
    if (i >= axes.size()) return false;
    const auto axis = static_cast<size_t>(axes[i]);
    if (axis >= one.size() || (*ends)[i] != one[axis] || other[i] != two[axis]) return false;
    (*ends)[i] = std::numeric_limits<int64_t>::max();
  }
  return true;
}

// Frees one attribute; false where this operator has no spelling without the batch.
bool free_attribute(const Node& node, const std::string& key, const Shape& one, const Shape& two,
                    Attribute* attribute, const Attribute& other) {
  Ints* ints = std::get_if<Ints>(attribute);
  const Ints* others = std::get_if<Ints>(&other);
  if (ints == nullptr || others == nullptr || ints->size() != others->size()) return false;
  if (node.op == "Reshape" && key == "shape") return free_reshape(one, two, ints, *others);
  if (node.op == "Slice" && key == "ends") return free_slice_ends(node, one, two, ints, *others);
  const bool expand = node.op == "Expand" && key == "shape";
  const bool resize = node.op == "Resize" && key == "sizes";
  if (!expand && !resize) return false;
  for (size_t i = 0; i < ints->size(); ++i)
    if ((*ints)[i] != (*others)[i]) (*ints)[i] = expand ? 1 : 0;
  return true;
}

bool same_attribute(const Attribute& a, const Attribute& b) {
  const auto* tensor_a = std::get_if<std::shared_ptr<const Tensor>>(&a);
  const auto* tensor_b = std::get_if<std::shared_ptr<const Tensor>>(&b);
  if (tensor_a != nullptr && tensor_b != nullptr) return same(**tensor_a, **tensor_b);
  return a == b;
}

bool free_node(const Graph& one, const Graph& two, const Node& other, Node* node) {
  if (node->op != other.op || node->attributes.size() != other.attributes.size()) return false;
  const ValueId input = node->inputs.empty() ? kNoValue : node->inputs[0];
  const Shape before = input == kNoValue ? Shape{} : one.value(input).shape;
  const Shape doubled = input == kNoValue ? Shape{} : two.value(input).shape;
  for (auto& [key, attribute] : node->attributes) {
    const auto counterpart = other.attributes.find(key);
    if (counterpart == other.attributes.end()) return false;
    if (same_attribute(attribute, counterpart->second)) continue;
    if (!free_attribute(*node, key, before, doubled, &attribute, counterpart->second)) return false;
  }
  return true;
}

bool free_constant(const Graph& one, const Graph& two, ValueId id) {
  const Tensor* a = one.constant(id);
  const Tensor* b = two.constant(id);
  if (a == b) return true;
  return a != nullptr && b != nullptr && (same(*a, *b) || repeats(*a, *b));
}

bool grows(const Shape& one, const Shape& two) {
  return !one.empty() && one.size() == two.size() && two[0] == 2 * one[0] && one[0] > 0 &&
         std::equal(one.begin() + 1, one.end(), two.begin() + 1);
}

// Shapes of `graph` at batch 2. Throws ConvertError where an operator refuses it.
Graph infer_doubled(const Graph& graph, const Graph& two) {
  Graph doubled = graph;
  for (ValueId id : doubled.inputs) doubled.value(id).shape = two.value(id).shape;
  for (Node& node : doubled.nodes) find_op(node.op)->infer(doubled, node);
  return doubled;
}

}  // namespace

std::optional<Graph> keep_batch_symbolic(const Walk& one, const Walk& two) {
  if (one.origin != two.origin || one.graph.values.size() != two.graph.values.size())
    return std::nullopt;
  Graph graph = one.graph;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    Node& node = graph.nodes[n];
    if (!free_node(graph, two.graph, two.graph.nodes[n], &node)) return std::nullopt;
    for (ValueId id : node.inputs)
      if (!free_constant(graph, two.graph, id)) return std::nullopt;
  }
  for (ValueId id : graph.outputs)
    if (graph.constant(id) != nullptr && !same(*graph.constant(id), *two.graph.constant(id)))
      return std::nullopt;
  try {
    const Graph doubled = infer_doubled(graph, two.graph);
    for (const Node& node : graph.nodes)
      for (ValueId id : node.outputs)
        if (id != kNoValue && doubled.value(id).shape != two.graph.value(id).shape)
          return std::nullopt;
  } catch (const ConvertError&) {
    return std::nullopt;
  }
  for (size_t id = 0; id < graph.values.size(); ++id) {
    Value& value = graph.values[id];
    value.batched = value.constant == nullptr && grows(value.shape, two.graph.values[id].shape);
  }
  return graph;
}

}  // namespace weq::convert
