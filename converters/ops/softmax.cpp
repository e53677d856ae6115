// Softmax and LogSoftmax. Canonical attributes: axis (>= 0); `flatten` = 1: jointly over all axes
// from `axis` on, as opsets before 13 say, where more than one of them is larger than 1.
#include <cmath>

#include "converters/ops/list.h"
#include "converters/ops/support.h"

namespace weq::convert {
namespace {

void normalize(Graph& graph, Node& node) {
  default_int(node, "flatten", graph.opset < 13);
  default_int(node, "axis", graph.opset < 13 ? 1 : -1);
}

void infer(Graph& graph, Node& node) {
  const Shape& x = float_input(graph, node, 0);
  size_t axis = resolve_axis(node, node.get_int("axis", -1), x.size());
  if (node.get_int("flatten", 0) != 0) {
    size_t wide = 0, last = axis;
    for (size_t i = axis; i < x.size(); ++i) {
      if (x[i] == 1) continue;
      ++wide;
      last = i;
    }
    if (wide <= 1) {
      node.attributes["flatten"] = int64_t{0};
      axis = wide == 0 ? axis : last;
    }
  }
  node.attributes["axis"] = static_cast<int64_t>(axis);
  set_output(graph, node, 0, x);
}

// Over `count` numbers that lie `step` apart.
void normalize_line(const float* x, float* y, int64_t count, int64_t step, bool logarithm) {
  float largest = x[0];
  for (int64_t i = 1; i < count; ++i) largest = std::max(largest, x[i * step]);
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    const float e = std::exp(x[i * step] - largest);
    y[i * step] = e;
    sum += e;
  }
  const auto log_sum = static_cast<float>(std::log(sum));
  const auto inverse = static_cast<float>(1.0 / sum);
  for (int64_t i = 0; i < count; ++i) {
    y[i * step] = logarithm ? x[i * step] - largest - log_sum : y[i * step] * inverse;
  }
}

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Shape& shape = inputs[0]->shape;
  if (inputs[0]->f.empty()) return;
  const auto axis = static_cast<size_t>(node.get_int("axis", 0));
  const bool flatten = node.get_int("flatten", 0) != 0;
  const int64_t outer = product(shape, 0, axis);
  const int64_t count = flatten ? product(shape, axis, shape.size()) : shape[axis];
  const int64_t inner = flatten ? 1 : product(shape, axis + 1, shape.size());
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) {
      const int64_t start = o * count * inner + i;
      normalize_line(inputs[0]->f.data() + start, outputs[0]->f.data() + start, count, inner,
                     node.op == "LogSoftmax");
    }
  }
}

std::string float_only(const Graph&, const Node& node) {
  return node.get_int("flatten", 0) != 0 ? node.op + " over several axes at once" : "";
}

}  // namespace

const OpDef kOpSoftmax = {"Softmax", normalize, check_unary, infer, run, float_only};
const OpDef kOpLogSoftmax = {"LogSoftmax", normalize, check_unary, infer, run, float_only};

}  // namespace weq::convert
