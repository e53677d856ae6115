// A layer that stays in float: its inputs are dequantized, a plug-in computes it, its outputs are
// quantized again. Constants are stored as float tensors.
#include "converters/float/node_bytes.h"
#include "converters/lower/list.h"

namespace weq::convert {
namespace {

int float_tensor(Lowering& to, const std::string& name, const Shape& shape) {
  auto tensor = std::make_unique<format::TensorT>();
  tensor->name = name;
  tensor->shape = to_physical(shape);
  tensor->type = format::TensorType::Float;
  to.model().tensors.push_back(std::move(tensor));
  return static_cast<int>(to.model().tensors.size()) - 1;
}

}  // namespace

void lower_float(Lowering& to, const Node& node) {
  const Graph& graph = to.graph();
  std::vector<int> inputs;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const ValueId id = node.inputs[i];
    if (id == kNoValue || graph.constant(id)) continue;  // they travel with the attributes
    const int tensor = to.tensor(id);
    if (to.storage(id) == Storage::kFloat) {
      inputs.push_back(tensor);
      continue;
    }
    const int decoded =
        float_tensor(to, node.name + "/float" + std::to_string(i), graph.value(id).shape);
    to.add(node.name + "/dequantize" + std::to_string(i), format::DequantizeT(), {tensor},
           {decoded});
    inputs.push_back(decoded);
  }
  format::FloatOperatorT op;
  op.op_type = node.op;
  op.attributes = node_to_bytes(graph, node);
  std::vector<int> outputs;
  for (ValueId id : node.outputs) {
    if (to.storage(id) == Storage::kFloat) {
      outputs.push_back(to.define(id));
    } else {
      outputs.push_back(float_tensor(to, graph.value(id).name + "/float", graph.value(id).shape));
    }
  }
  const std::vector<int> written = outputs;
  to.add(node.name, std::move(op), inputs, outputs);
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    const ValueId id = node.outputs[i];
    if (to.storage(id) == Storage::kFloat) continue;
    format::QuantizeT quantize;
    for (double b : to.code_of_value(id).boundaries) {
      quantize.boundaries.push_back(static_cast<float>(b));
    }
    to.add(node.name + "/quantize" + std::to_string(i), std::move(quantize), {written[i]},
           {to.define(id)});
  }
}

}  // namespace weq::convert
