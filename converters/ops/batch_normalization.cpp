// BatchNormalization in inference. Inputs: x [N,C,...], scale, B, mean, var [C]. Canonical
// attribute: epsilon. Training outputs and `spatial` = 0 (opset 7, 8) are refused.
#include <cmath>

#include "converters/ops/list.h"
#include "converters/ops/support.h"

namespace weq::convert {
namespace {

void normalize(Graph&, Node& node) { default_float(node, "epsilon", 1e-5f); }

std::string check(const Graph& graph, const Node& node) {
  if (node.get_int("training_mode", 0) != 0) {
    return "BatchNormalization in training mode; export the model for inference";
  }
  if (node.get_int("spatial", 1) == 0) {
    return "BatchNormalization with spatial=0 is not supported; export the model with opset 9 or "
           "later";
  }
  return arity(graph, node, 5, 5);
}

void infer(Graph& graph, Node& node) {
  require(node, check(graph, node));
  const Shape& x = float_input(graph, node, 0);
  if (x.size() < 2) fail(node, "BatchNormalization needs channels; its input is " + to_string(x));
  for (size_t i = 1; i < 5; ++i) {
    if (float_input(graph, node, i) != Shape{x[1]}) {
      fail(node, "input " + std::to_string(i) + " must hold one number per channel of " +
                     to_string(x) + "; export the model again");
    }
  }
  set_output(graph, node, 0, x);
}

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Shape& shape = inputs[0]->shape;
  const auto channels = static_cast<size_t>(shape[1]);
  const int64_t pixels = product(shape, 2, shape.size());
  const float* x = inputs[0]->f.data();
  float* y = outputs[0]->f.data();
  for (int64_t n = 0; n < shape[0]; ++n) {
    for (size_t c = 0; c < channels; ++c) {
      const double factor = inputs[1]->f[c] / std::sqrt(static_cast<double>(inputs[4]->f[c]) +
                                                        node.get_float("epsilon", 1e-5f));
      const auto gain = static_cast<float>(factor);
      const auto shift = static_cast<float>(inputs[2]->f[c] - factor * inputs[3]->f[c]);
      for (int64_t i = 0; i < pixels; ++i) *y++ = gain * *x++ + shift;
    }
  }
}

std::string float_only(const Graph& graph, const Node& node) {
  for (size_t i = 1; i < 5; ++i) {
    if (!is_constant_input(graph, node, i)) {
      return "BatchNormalization with parameters that are computed at run time";
    }
  }
  return "";
}

}  // namespace

const OpDef kOpBatchNormalization = {
    "BatchNormalization", normalize, check, infer, run, float_only};

}  // namespace weq::convert
