#include "converters/float/allocate.h"
#include "converters/float/executor.h"
#include "converters/ops/op.h"

namespace weq::convert {
namespace {

// A graph of the one node, its values numbered anew, with the shapes that the inputs have.
struct Excerpt {
  Graph graph;
  Node node;
  std::vector<const Tensor*> inputs;
};

Excerpt cut_out(const Graph& graph, const Node& node, const std::vector<const Tensor*>& inputs) {
  if (inputs.size() != node.inputs.size())
    throw ConvertError("layer " + node.name + ": takes " + std::to_string(node.inputs.size()) +
                       " inputs, not " + std::to_string(inputs.size()));
  Excerpt excerpt{{}, node, inputs};
  excerpt.graph.opset = graph.opset;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (node.inputs[i] == kNoValue) continue;
    const Value& original = graph.value(node.inputs[i]);
    const Tensor*& tensor = excerpt.inputs[i];
    if (tensor == nullptr) tensor = original.constant.get();
    if (tensor == nullptr)
      throw ConvertError("layer " + node.name + ": input " + original.name + " is not given");
    Value value{original.name, tensor->shape, tensor->dtype, false, original.constant};
    excerpt.node.inputs[i] = excerpt.graph.add_value(std::move(value));
  }
  for (ValueId& output : excerpt.node.outputs) {
    if (output == kNoValue) continue;
    Value value;
    value.name = graph.value(output).name;
    output = excerpt.graph.add_value(std::move(value));
  }
  return excerpt;
}

}  // namespace

void run_node(const Graph& graph, const Node& node, const std::vector<const Tensor*>& inputs,
              std::vector<Tensor>* outputs, std::shared_ptr<void>* state) {
  const OpDef* op = find_op(node.op);
  if (op == nullptr)
    throw ConvertError("layer " + node.name + ": operator " + node.op + " is not supported");
  Excerpt excerpt = cut_out(graph, node, inputs);
  op->infer(excerpt.graph, excerpt.node);
  outputs->resize(node.outputs.size());
  std::vector<Tensor*> written(node.outputs.size(), nullptr);
  for (size_t i = 0; i < written.size(); ++i) {
    if (node.outputs[i] == kNoValue) continue;
    Tensor& tensor = (*outputs)[i];
    allocate(excerpt.graph.value(excerpt.node.outputs[i]), &tensor);
    written[i] = &tensor;
  }
  op->run(excerpt.node, excerpt.inputs, written, state);
}

}  // namespace weq::convert
