// Expand. Canonical attribute: shape (1 keeps the input's axis; broadcast both ways).
#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"

namespace weq::convert {
namespace {

void normalize(Graph& graph, Node& node) { take_ints(graph, node, 1, "shape"); }

std::string check(const Graph& graph, const Node& node) {
  const std::string inputs = arity(graph, node, 1, 2);
  return inputs.empty() ? computed(node, 1, "shape") : inputs;
}

void infer(Graph& graph, Node& node) {
  const Value& x = input_value(graph, node, 0);
  if (has_input(node, 1)) fail(node, computed(node, 1, "shape"));
  const Shape shape = node.get_ints("shape");
  for (const int64_t size : shape) {
    if (size < 0) fail(node, "Expand to " + to_string(shape) + "; export the model again");
  }
  set_output(graph, node, 0, broadcast_shapes(node, x.shape, shape), x.dtype);
}

void run(const Node&, const std::vector<const Tensor*>& inputs, const std::vector<Tensor*>& outputs,
         std::shared_ptr<void>*) {
  const Tensor& x = *inputs[0];
  Tensor* y = outputs[0];
  with_storage(x, y,
               [&](const auto* from, auto* to) { broadcast_copy(y->shape, x.shape, from, to); });
}

}  // namespace

const OpDef kOpExpand = {"Expand", normalize, check, infer, run, accept};

}  // namespace weq::convert
