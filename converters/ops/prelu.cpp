// PRelu. Inputs: x, slope (broadcasts to x; before opset 7 it did so per channel). No attributes.
#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"

namespace weq::convert {
namespace {

void infer(Graph& graph, Node& node) {
  const Shape& x = float_input(graph, node, 0);
  if (broadcast_shapes(node, x, float_input(graph, node, 1)) != x) {
    fail(node, "the slope of PRelu must broadcast to its input; export the model again");
  }
  set_output(graph, node, 0, x);
}

void run(const Node&, const std::vector<const Tensor*>& inputs, const std::vector<Tensor*>& outputs,
         std::shared_ptr<void>*) {
  const Tensor& x = *inputs[0];
  const Tensor& slope = *inputs[1];
  broadcast_binary(x.shape, x.shape, x.f.data(), slope.shape, slope.f.data(), outputs[0]->f.data(),
                   [](float v, float s) { return v >= 0 ? v : s * v; });
}

std::string float_only(const Graph& graph, const Node& node) {
  return is_constant_input(graph, node, 1) ? "" : "PRelu with a slope that is computed at run time";
}

}  // namespace

const OpDef kOpPRelu = {"PRelu", leave, check_binary, infer, run, float_only};

}  // namespace weq::convert
