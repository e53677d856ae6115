#include "converters/passes/rewrite.h"

#include <algorithm>

#include "converters/ops/op.h"

namespace weq::convert {
namespace {

template <typename Item>
std::string unique_name(const std::vector<Item>& items, const std::string& stem) {
  const auto taken = [&](const std::string& name) {
    return std::any_of(items.begin(), items.end(),
                       [&](const Item& item) { return item.name == name; });
  };
  std::string name = stem;
  for (int k = 2; taken(name); ++k) name = stem + "_" + std::to_string(k);
  return name;
}

}  // namespace

bool has_single_use(const Graph& graph, ValueId id) {
  if (id == kNoValue || graph.is_output(id)) return false;
  int64_t uses = 0;
  for (const Node& node : graph.nodes)
    uses += std::count(node.inputs.begin(), node.inputs.end(), id);
  return uses == 1;
}

const Tensor* float_constant(const Graph& graph, ValueId id) {
  const Tensor* tensor = graph.constant(id);
  return tensor != nullptr && tensor->dtype == DType::kFloat ? tensor : nullptr;
}

ValueId add_constant(Graph& graph, const std::string& stem, Tensor tensor) {
  Value value;
  value.name = unique_name(graph.values, stem);
  value.shape = tensor.shape;
  value.dtype = tensor.dtype;
  value.constant = std::make_shared<const Tensor>(std::move(tensor));
  return graph.add_value(std::move(value));
}

ValueId add_constant(Graph& graph, const std::string& stem, Shape shape, std::vector<float> data) {
  Tensor tensor;
  tensor.shape = std::move(shape);
  tensor.f = std::move(data);
  return add_constant(graph, stem, std::move(tensor));
}

ValueId add_result(Graph& graph, const std::string& stem, bool batched) {
  Value value;
  value.name = unique_name(graph.values, stem);
  value.batched = batched;
  return graph.add_value(std::move(value));
}

std::string unique_node_name(const Graph& graph, const std::string& stem) {
  return unique_name(graph.nodes, stem);
}

Node make_node(const std::string& op, const std::string& name, std::vector<ValueId> inputs,
               ValueId output) {
  Node node;
  node.op = op;
  node.name = name;
  node.inputs = std::move(inputs);
  node.outputs = {output};
  return node;
}

void infer_node(Graph& graph, Node& node) {
  const OpDef* op = find_op(node.op);
  if (op == nullptr)
    throw ConvertError("layer " + node.name + ": operator " + node.op + " is not supported");
  op->infer(graph, node);
}

void erase_nodes(Graph& graph, const std::vector<bool>& erased) {
  std::vector<Node> kept;
  for (size_t n = 0; n < graph.nodes.size(); ++n)
    if (!erased[n]) kept.push_back(std::move(graph.nodes[n]));
  graph.nodes = std::move(kept);
}

int replace_nodes(Graph& graph, const Rewrite& rewrite) {
  int replaced = 0;
  std::vector<Node> result;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    std::vector<Node> replacement;
    if (!rewrite(graph, graph.nodes[n], &replacement)) {
      result.push_back(graph.nodes[n]);
      continue;
    }
    ++replaced;
    for (Node& node : replacement) {
      infer_node(graph, node);
      result.push_back(std::move(node));
    }
  }
  graph.nodes = std::move(result);
  return replaced;
}

}  // namespace weq::convert
