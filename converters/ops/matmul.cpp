// MatMul (numpy's): vectors are promoted, leading axes broadcast. No attributes.
#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"
#include "converters/ops/product.h"

namespace weq::convert {
namespace {

// Both operands as stacks of matrices, and the leading axes of the result.
struct Stacks {
  Shape a, b, leading;
};

Stacks stacks_of(const Node& node, Shape a, Shape b) {
  if (a.empty() || b.empty()) fail(node, "MatMul of a scalar; use Mul");
  if (a.size() == 1) a.insert(a.begin(), 1);
  if (b.size() == 1) b.push_back(1);
  if (a.back() != b[b.size() - 2]) {
    fail(node, "MatMul of " + to_string(a) + " and " + to_string(b) +
                   ": the inner axes differ; check the input shape");
  }
  Stacks stacks{a, b, {}};
  stacks.leading =
      broadcast_shapes(node, Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2));
  return stacks;
}

void infer(Graph& graph, Node& node) {
  const Shape& a = float_input(graph, node, 0);
  const Shape& b = float_input(graph, node, 1);
  const Stacks stacks = stacks_of(node, a, b);
  Shape y = stacks.leading;
  if (a.size() > 1) y.push_back(a[a.size() - 2]);
  if (b.size() > 1) y.push_back(b.back());
  set_output(graph, node, 0, std::move(y));
}

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Stacks s = stacks_of(node, inputs[0]->shape, inputs[1]->shape);
  const int64_t m = s.a[s.a.size() - 2], k = s.a.back(), n = s.b.back();
  const float* a = inputs[0]->f.data();
  const float* b = inputs[1]->f.data();
  float* y = outputs[0]->f.data();
  if (product(s.b, 0, s.b.size() - 2) == 1) {  // one matrix for all rows of a
    matrix_product(false, false, product(s.leading, 0, s.leading.size()) * m, n, k, 1.0f, a, b,
                   0.0f, y);
    return;
  }
  const Shape a_leading(s.a.begin(), s.a.end() - 2);
  const Shape b_leading(s.b.begin(), s.b.end() - 2);
  const StridedWalk walk = broadcast_walk(s.leading, {a_leading, b_leading});
  for_each_row(walk, [&](int64_t out, const std::vector<int64_t>& offsets) {
    for (int64_t i = 0; i < walk.shape.back(); ++i) {
      const int64_t ia = offsets[0] + i * walk.strides[0].back();
      const int64_t ib = offsets[1] + i * walk.strides[1].back();
      matrix_product(false, false, m, n, k, 1.0f, a + ia * m * k, b + ib * k * n, 0.0f,
                     y + (out + i) * m * n);
    }
  });
}

// One matrix for all of the other operand, on either side, is a convolution of one pixel.
std::string float_only(const Graph& graph, const Node& node) {
  for (size_t side = 0; side < 2; ++side) {
    if (!is_constant_input(graph, node, side)) continue;
    const Shape& matrix = input_shape(graph, node, side);
    const size_t rank = input_shape(graph, node, 1 - side).size();
    const size_t own = matrix.size();
    if (own >= 2 && rank >= own && product(matrix, 0, own - 2) == 1) return "";
    return "product with a constant that is not one matrix";
  }
  return "product of two tensors computed at run time";
}

}  // namespace

const OpDef kOpMatMul = {"MatMul", leave, check_binary, infer, run, float_only};

}  // namespace weq::convert
