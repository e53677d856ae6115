// Gemm: y = alpha * op(A) op(B) + beta * C. Inputs: A, B [rank 2], C (broadcasts to y) or left out.
// Canonical attributes: alpha beta transA transB.
#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"
#include "converters/ops/product.h"

namespace weq::convert {
namespace {

void normalize(Graph&, Node& node) {
  default_float(node, "alpha", 1.0f);
  default_float(node, "beta", 1.0f);
  default_int(node, "transA", 0);
  default_int(node, "transB", 0);
}

std::string check(const Graph& graph, const Node& node) { return arity(graph, node, 2, 3); }

void infer(Graph& graph, Node& node) {
  const Shape& a = float_input(graph, node, 0);
  const Shape& b = float_input(graph, node, 1);
  const size_t ta = node.get_int("transA", 0) != 0 ? 1 : 0;
  const size_t tb = node.get_int("transB", 0) != 0 ? 1 : 0;
  if (a.size() != 2 || b.size() != 2 || a[1 - ta] != b[tb]) {
    fail(node, "Gemm of " + to_string(a) + " and " + to_string(b) +
                   ": the inner axes differ; check the input shape");
  }
  Shape y = {a[ta], b[1 - tb]};
  if (has_input(node, 2) && broadcast_shapes(node, y, float_input(graph, node, 2)) != y) {
    fail(node, "C of Gemm must broadcast to " + to_string(y) + "; export the model again");
  }
  set_output(graph, node, 0, std::move(y));
}

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Tensor& a = *inputs[0];
  Tensor& y = *outputs[0];
  const bool ta = node.get_int("transA", 0) != 0;
  const bool tb = node.get_int("transB", 0) != 0;
  const bool add = inputs.size() > 2 && inputs[2] != nullptr;
  if (add) {
    broadcast_copy(y.shape, inputs[2]->shape, inputs[2]->f.data(), y.f.data());
    const float beta = node.get_float("beta", 1.0f);
    for (float& value : y.f) value *= beta;
  }
  matrix_product(ta, tb, y.shape[0], y.shape[1], a.shape[ta ? 0 : 1], node.get_float("alpha", 1.0f),
                 a.f.data(), inputs[1]->f.data(), add ? 1.0f : 0.0f, y.f.data());
}

std::string float_only(const Graph& graph, const Node& node) {
  if (!is_constant_input(graph, node, 1)) {
    return is_constant_input(graph, node, 0) ? "Gemm with a constant on the left; use MatMul"
                                             : "product of two tensors computed at run time";
  }
  const bool scaled = has_input(node, 2) && !is_constant_input(graph, node, 2) &&
                      node.get_float("beta", 1.0f) != 1.0f;
  return scaled ? "Gemm that scales a C computed at run time; use Mul and Add" : "";
}

}  // namespace

const OpDef kOpGemm = {"Gemm", normalize, check, infer, run, float_only};

}  // namespace weq::convert
