// GlobalAveragePool and GlobalMaxPool: over all axes after the first two, which become 1. No
// attributes of their own; GlobalAveragePool may carry a fused activation.
#include <algorithm>

#include "converters/ops/list.h"
#include "converters/ops/unary.h"

namespace weq::convert {
namespace {

void infer(Graph& graph, Node& node) {
  Shape shape = float_input(graph, node, 0);
  if (shape.size() < 3 || element_count(shape) == 0) {
    fail(node, node.op + " needs an image, not " + to_string(shape) + "; check the input shape");
  }
  std::fill(shape.begin() + 2, shape.end(), 1);
  set_output(graph, node, 0, std::move(shape));
}

using Inputs = std::vector<const Tensor*>;
using Outputs = std::vector<Tensor*>;

void run_average(const Node& node, const Inputs& inputs, const Outputs& outputs,
                 std::shared_ptr<void>*) {
  std::vector<float>& y = outputs[0]->f;
  const size_t pixels = inputs[0]->f.size() / y.size();
  const float* x = inputs[0]->f.data();
  for (float& value : y) {
    double sum = 0;
    for (size_t i = 0; i < pixels; ++i) sum += *x++;
    value = static_cast<float>(sum / static_cast<double>(pixels));
  }
  apply_fused_activation(node, outputs[0]);
}

void run_max(const Node&, const Inputs& inputs, const Outputs& outputs, std::shared_ptr<void>*) {
  std::vector<float>& y = outputs[0]->f;
  const size_t pixels = inputs[0]->f.size() / y.size();
  const float* x = inputs[0]->f.data();
  for (float& value : y) {
    value = *std::max_element(x, x + pixels);
    x += pixels;
  }
}

}  // namespace

const OpDef kOpGlobalAveragePool = {"GlobalAveragePool", leave, check_unary, infer,
                                    run_average,         accept};
const OpDef kOpGlobalMaxPool = {"GlobalMaxPool", leave, check_unary, infer, run_max, accept};

}  // namespace weq::convert
