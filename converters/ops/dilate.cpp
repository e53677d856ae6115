// Dilate (internal, from lowering ConvTranspose): zeros between neighbours of the spatial axes.
// Attribute: factors, one per spatial axis; an axis of n becomes (n - 1) * factor + 1.
#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"

namespace weq::convert {
namespace {

void infer(Graph& graph, Node& node) {
  Shape shape = float_input(graph, node, 0);
  const auto factors = node.get_ints("factors");
  if (factors.size() + 2 != shape.size()) fail(node, "Dilate needs one factor per spatial axis");
  for (size_t i = 0; i < factors.size(); ++i) {
    if (factors[i] < 1) fail(node, "the factors of Dilate must be positive");
    shape[i + 2] = (shape[i + 2] - 1) * factors[i] + 1;
  }
  set_output(graph, node, 0, std::move(shape));
}

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Tensor& x = *inputs[0];
  Tensor& y = *outputs[0];
  const auto factors = node.get_ints("factors");
  std::fill(y.f.begin(), y.f.end(), 0.0f);
  std::vector<int64_t> strides = row_strides(y.shape);
  for (size_t i = 0; i < factors.size(); ++i) strides[i + 2] *= factors[i];
  copy_strided(x.shape, x.f.data(), row_strides(x.shape), y.f.data(), strides);
}

}  // namespace

const OpDef kOpDilate = {"Dilate", leave, check_unary, infer, run, accept};

}  // namespace weq::convert
