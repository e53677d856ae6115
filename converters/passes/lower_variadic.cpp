#include <algorithm>
#include <limits>

#include "converters/passes/passes.h"
#include "converters/passes/rewrite.h"

namespace weq::convert {
namespace {

ValueId scalar(Graph& graph, const Node& node, float value) {
  return add_constant(graph, node.name + "/constant", Shape{}, {value});
}

ValueId mapped(Graph& graph, ValueId id, const char* suffix, float (*f)(float)) {
  Tensor tensor = *graph.constant(id);
  std::transform(tensor.f.begin(), tensor.f.end(), tensor.f.begin(), f);
  return add_constant(graph, graph.value(id).name + suffix, std::move(tensor));
}

float negate(float x) { return -x; }
float invert(float x) { return 1.0F / x; }

bool has_zero(const Tensor& tensor) {
  return std::find(tensor.f.begin(), tensor.f.end(), 0.0F) != tensor.f.end();
}

// a op b op c ... from the left, as the sum is defined; the last node has the name.
void chain(Graph& graph, const Node& node, const std::string& op, ValueId output,
           std::vector<Node>* out) {
  ValueId left = node.inputs[0];
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    const bool last = i + 1 == node.inputs.size();
    const bool batched = graph.value(left).batched || graph.value(node.inputs[i]).batched;
    const std::string part = node.name + "/" + std::to_string(i);
    const ValueId result = last ? output : add_result(graph, part, batched);
    out->push_back(make_node(op, last ? node.name : unique_node_name(graph, part),
                             {left, node.inputs[i]}, result));
    left = result;
  }
}

bool lower_mean(Graph& graph, const Node& node, std::vector<Node>* out) {
  const ValueId sum = add_result(graph, node.name + "/sum", graph.value(node.outputs[0]).batched);
  Node chained = node;
  chained.name = unique_node_name(graph, node.name + "/sum");
  chain(graph, chained, "Add", sum, out);
  const auto parts = static_cast<float>(node.inputs.size());
  const ValueId share = scalar(graph, node, 1.0F / parts);
  out->push_back(make_node("Mul", node.name, {sum, share}, node.outputs[0]));
  return true;
}

// Min or Max with one number is a bound.
bool lower_bound(const Graph& graph, const Node& node, std::vector<Node>* out) {
  for (size_t side = 0; side < 2; ++side) {
    const Tensor* bound = float_constant(graph, node.inputs[side]);
    const ValueId input = node.inputs[1 - side];
    if (bound == nullptr || bound->f.size() != 1) continue;
    if (graph.value(input).shape != graph.value(node.outputs[0]).shape) continue;
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    const bool upper = node.op == "Min";
    Node clip = make_node("Clip", node.name, {input}, node.outputs[0]);
    clip.attributes["min"] = upper ? -kInfinity : bound->f[0];
    clip.attributes["max"] = upper ? bound->f[0] : kInfinity;
    out->push_back(std::move(clip));
    return true;
  }
  return false;
}

bool lower_sub(Graph& graph, const Node& node, std::vector<Node>* out) {
  const ValueId a = node.inputs[0], b = node.inputs[1];
  if (float_constant(graph, b) != nullptr) {
    out->push_back(
        make_node("Add", node.name, {a, mapped(graph, b, "/negated", negate)}, node.outputs[0]));
    return true;
  }
  if (float_constant(graph, a) == nullptr) return false;
  const ValueId negated = add_result(graph, node.name + "/negated", graph.value(b).batched);
  out->push_back(make_node("Mul", unique_node_name(graph, node.name + "/negate"),
                           {b, scalar(graph, node, -1.0F)}, negated));
  out->push_back(make_node("Add", node.name, {negated, a}, node.outputs[0]));
  return true;
}

bool lower(Graph& graph, const Node& node, std::vector<Node>* out) {
  if (node.outputs.empty() || node.inputs.empty() ||
      graph.value(node.inputs[0]).dtype != DType::kFloat)
    return false;
  if (node.op == "Sum" && node.inputs.size() > 1) {
    chain(graph, node, "Add", node.outputs[0], out);
    return true;
  }
  if (node.op == "Mean" && node.inputs.size() > 1) return lower_mean(graph, node, out);
  if ((node.op == "Min" || node.op == "Max") && node.inputs.size() == 2)
    return lower_bound(graph, node, out);
  if ((node.op == "Min" || node.op == "Max") && node.inputs.size() > 2) {
    chain(graph, node, node.op, node.outputs[0], out);
    return true;
  }
  if (node.op == "Sub") return lower_sub(graph, node, out);
  if (node.op == "Neg") {
    out->push_back(
        make_node("Mul", node.name, {node.inputs[0], scalar(graph, node, -1.0F)}, node.outputs[0]));
    return true;
  }
  if (node.op == "Div") {
    const Tensor* divisor = float_constant(graph, node.inputs[1]);
    if (divisor == nullptr || has_zero(*divisor)) return false;
    out->push_back(make_node("Mul", node.name,
                             {node.inputs[0], mapped(graph, node.inputs[1], "/inverted", invert)},
                             node.outputs[0]));
    return true;
  }
  return false;
}

}  // namespace

int lower_variadic(Graph& graph) { return replace_nodes(graph, lower); }

}  // namespace weq::convert
