// LRN across channels: y = x / (bias + alpha / size * sum of x^2 over the window)^beta.
// Canonical attributes: alpha beta bias size. The window of channel c is
// [c - floor((size-1)/2), c + ceil((size-1)/2)].
#include <algorithm>
#include <cmath>

#include "converters/ops/list.h"
#include "converters/ops/support.h"

namespace weq::convert {
namespace {

void normalize(Graph&, Node& node) {
  default_float(node, "alpha", 1e-4f);
  default_float(node, "beta", 0.75f);
  default_float(node, "bias", 1.0f);
}

std::string check(const Graph& graph, const Node& node) {
  if (node.get_int("size", 0) < 1) return "LRN without a positive size; export the model again";
  return check_unary(graph, node);
}

void infer(Graph& graph, Node& node) {
  require(node, check(graph, node));
  const Shape& x = float_input(graph, node, 0);
  if (x.size() < 2) fail(node, "LRN needs channels; its input is " + to_string(x));
  set_output(graph, node, 0, x);
}

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Shape& shape = inputs[0]->shape;
  const int64_t channels = shape[1], pixels = product(shape, 2, shape.size());
  const int64_t size = node.get_int("size", 1);
  const float beta = node.get_float("beta", 0.75f), bias = node.get_float("bias", 1.0f);
  const float scale = node.get_float("alpha", 1e-4f) / static_cast<float>(size);
  std::vector<float> sums(static_cast<size_t>(pixels));
  for (int64_t n = 0; n < shape[0]; ++n) {
    const float* x = inputs[0]->f.data() + n * channels * pixels;
    float* y = outputs[0]->f.data() + n * channels * pixels;
    for (int64_t c = 0; c < channels; ++c) {
      std::fill(sums.begin(), sums.end(), 0.0f);
      const int64_t first = std::max<int64_t>(0, c - (size - 1) / 2);
      const int64_t last = std::min(channels - 1, c + size / 2);
      for (int64_t k = first; k <= last; ++k) {
        for (int64_t i = 0; i < pixels; ++i) sums[i] += x[k * pixels + i] * x[k * pixels + i];
      }
      for (int64_t i = 0; i < pixels; ++i) {
        y[c * pixels + i] = x[c * pixels + i] * std::pow(bias + scale * sums[i], -beta);
      }
    }
  }
}

}  // namespace

const OpDef kOpLRN = {"LRN", normalize, check, infer, run, accept};

}  // namespace weq::convert
