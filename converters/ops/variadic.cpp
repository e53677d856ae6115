// Sum, Min, Max, Mean of one or more tensors, with ONNX (numpy) broadcasting; Min and Max also of
// integers. No attributes.
#include <limits>

#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"

namespace weq::convert {
namespace {

std::string check(const Graph& graph, const Node& node) {
  return arity(graph, node, 1, std::numeric_limits<size_t>::max());
}

void infer(Graph& graph, Node& node) {
  const Value& first = input_value(graph, node, 0);
  Shape shape = first.shape;
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    const Value& other = input_value(graph, node, i);
    if (other.dtype != first.dtype) {
      fail(node, "inputs " + first.name + " and " + other.name +
                     " are of different types; cast one of them");
    }
    shape = broadcast_shapes(node, shape, other.shape);
  }
  set_output(graph, node, 0, std::move(shape), first.dtype);
}

using Inputs = std::vector<const Tensor*>;
using Outputs = std::vector<Tensor*>;
using State = std::shared_ptr<void>*;

// Left to right, so the order of float additions is that of the inputs.
template <class F>
void reduce(const Inputs& inputs, Tensor* y, F f) {
  with_storage(*inputs[0], y, [&](const auto* x, auto* out) {
    broadcast_copy(y->shape, inputs[0]->shape, x, out);
  });
  for (size_t i = 1; i < inputs.size(); ++i) {
    with_storage(*inputs[i], y, [&](const auto* x, auto* out) {
      broadcast_binary(y->shape, y->shape, out, inputs[i]->shape, x, out, f);
    });
  }
}

void run_sum(const Node&, const Inputs& inputs, const Outputs& outputs, State) {
  reduce(inputs, outputs[0], [](auto a, auto b) { return a + b; });
}

void run_min(const Node&, const Inputs& inputs, const Outputs& outputs, State) {
  reduce(inputs, outputs[0], [](auto a, auto b) { return b < a ? b : a; });
}

void run_max(const Node&, const Inputs& inputs, const Outputs& outputs, State) {
  reduce(inputs, outputs[0], [](auto a, auto b) { return a < b ? b : a; });
}

void run_mean(const Node& node, const Inputs& inputs, const Outputs& outputs, State state) {
  run_sum(node, inputs, outputs, state);
  const auto count = static_cast<float>(inputs.size());
  for (float& value : outputs[0]->f) value /= count;
}

}  // namespace

const OpDef kOpSum = {"Sum", leave, check, infer, run_sum, accept};
const OpDef kOpMin = {"Min", leave, check, infer, run_min, accept};
const OpDef kOpMax = {"Max", leave, check, infer, run_max, accept};
const OpDef kOpMean = {"Mean", leave, check, infer, run_mean, accept};

}  // namespace weq::convert
