// Add, Sub, Mul, Div, Pow of two tensors, float or integer, with ONNX (numpy) broadcasting. No
// attributes of their own; Add and Mul may carry a fused activation.
#include <cmath>

#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"
#include "converters/ops/unary.h"

namespace weq::convert {
namespace {

void infer(Graph& graph, Node& node) {
  const Value& a = input_value(graph, node, 0);
  const Value& b = input_value(graph, node, 1);
  if (a.dtype != b.dtype) {
    fail(node, "inputs " + a.name + " and " + b.name + " are of different types; cast one of them");
  }
  set_output(graph, node, 0, broadcast_shapes(node, a.shape, b.shape), a.dtype);
}

// Pow alone takes an exponent of another type.
void infer_pow(Graph& graph, Node& node) {
  const Value& a = input_value(graph, node, 0);
  set_output(graph, node, 0, broadcast_shapes(node, a.shape, input_shape(graph, node, 1)), a.dtype);
}

template <class F, class I>
void run_binary(const Node& node, const std::vector<const Tensor*>& inputs, Tensor* y, F on_floats,
                I on_integers) {
  const Tensor& a = *inputs[0];
  const Tensor& b = *inputs[1];
  if (a.dtype == DType::kFloat) {
    broadcast_binary(y->shape, a.shape, a.f.data(), b.shape, b.f.data(), y->f.data(), on_floats);
    apply_fused_activation(node, y);
  } else {
    broadcast_binary(y->shape, a.shape, a.i.data(), b.shape, b.i.data(), y->i.data(), on_integers);
  }
}

using Inputs = std::vector<const Tensor*>;
using Outputs = std::vector<Tensor*>;
using State = std::shared_ptr<void>*;

uint64_t bits(int64_t value) { return static_cast<uint64_t>(value); }  // wraps instead of overflow

void run_add(const Node& node, const Inputs& inputs, const Outputs& outputs, State) {
  run_binary(
      node, inputs, outputs[0], [](float a, float b) { return a + b; },
      [](int64_t a, int64_t b) { return static_cast<int64_t>(bits(a) + bits(b)); });
}

void run_sub(const Node& node, const Inputs& inputs, const Outputs& outputs, State) {
  run_binary(
      node, inputs, outputs[0], [](float a, float b) { return a - b; },
      [](int64_t a, int64_t b) { return static_cast<int64_t>(bits(a) - bits(b)); });
}

void run_mul(const Node& node, const Inputs& inputs, const Outputs& outputs, State) {
  run_binary(
      node, inputs, outputs[0], [](float a, float b) { return a * b; },
      [](int64_t a, int64_t b) { return static_cast<int64_t>(bits(a) * bits(b)); });
}

void run_div(const Node& node, const Inputs& inputs, const Outputs& outputs, State) {
  run_binary(
      node, inputs, outputs[0], [](float a, float b) { return a / b; },
      [&](int64_t a, int64_t b) {
        if (b == 0) fail(node, "division of an integer by zero; check the input shape");
        return b == -1 ? static_cast<int64_t>(0 - bits(a)) : a / b;
      });
}

// Constants as floats, whichever type they have.
Tensor to_float(const Tensor& x) {
  Tensor y{DType::kFloat, x.shape, x.f, {}};
  for (const int64_t value : x.i) y.f.push_back(static_cast<float>(value));
  return y;
}

int64_t integer_power(int64_t base, int64_t exponent) {
  if (exponent < 0) return base == 1 ? 1 : (base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0);
  uint64_t result = 1, factor = bits(base);
  for (uint64_t rest = bits(exponent); rest != 0; rest >>= 1) {
    if (rest & 1) result *= factor;
    factor *= factor;
  }
  return static_cast<int64_t>(result);
}

void run_pow(const Node&, const Inputs& inputs, const Outputs& outputs, State) {
  const Tensor& a = *inputs[0];
  const Tensor& b = *inputs[1];
  Tensor* y = outputs[0];
  if (a.dtype != DType::kFloat && b.dtype != DType::kFloat) {
    broadcast_binary(y->shape, a.shape, a.i.data(), b.shape, b.i.data(), y->i.data(),
                     integer_power);
    return;
  }
  const Tensor base = to_float(a);
  const Tensor exponent = to_float(b);
  std::vector<float> result(static_cast<size_t>(element_count(y->shape)));
  broadcast_binary(y->shape, base.shape, base.f.data(), exponent.shape, exponent.f.data(),
                   result.data(),
                   [](float v, float e) { return e == 2.0f ? v * v : std::pow(v, e); });
  if (a.dtype == DType::kFloat) {
    y->f = std::move(result);
  } else {
    std::transform(result.begin(), result.end(), y->i.begin(),
                   [](float v) { return static_cast<int64_t>(v); });
  }
}

std::string div_float_only(const Graph& graph, const Node& node) {
  return is_constant_input(graph, node, 1) ? "" : "Div by a tensor that is computed at run time";
}

std::string pow_float_only(const Graph& graph, const Node& node) {
  const Tensor* exponent = has_input(node, 1) ? graph.constant(node.inputs[1]) : nullptr;
  if (exponent != nullptr && element_count(exponent->shape) == 1) return "";
  return "Pow with an exponent that is not one constant number";
}

}  // namespace

const OpDef kOpAdd = {"Add", leave, check_binary, infer, run_add, accept};
const OpDef kOpSub = {"Sub", leave, check_binary, infer, run_sub, accept};
const OpDef kOpMul = {"Mul", leave, check_binary, infer, run_mul, accept};
const OpDef kOpDiv = {"Div", leave, check_binary, infer, run_div, div_float_only};
const OpDef kOpPow = {"Pow", leave, check_binary, infer_pow, run_pow, pow_float_only};

}  // namespace weq::convert
