// Add, Mul, Max, Min of two stored tensors, broadcasting like ONNX.
#include <algorithm>

#include "converters/lower/list.h"

namespace weq::convert {
namespace {

// Operands of lower rank are aligned with the output's logical axes: a view with leading ones.
int aligned(Lowering& to, const Node& node, size_t which) {
  const ValueId id = node.inputs[which];
  const int tensor = to.tensor(id);
  const Shape& shape = to.graph().value(id).shape;
  const size_t rank = to.graph().value(node.outputs[0]).shape.size();
  if (shape.size() == rank) return tensor;
  Shape full(rank - shape.size(), 1);
  full.insert(full.end(), shape.begin(), shape.end());
  // Physical order of the short tensor equals the long one's when it spans at most one axis that is
  // not 1; others are transposed through their logical order first.
  size_t wide = 0;
  for (int64_t d : shape) wide += d != 1;
  if (wide > 1 && shape.size() > 1) {
    throw ConvertError("layer " + node.name + ": operands of " + to_string(shape) + " and rank " +
                       std::to_string(rank) + " do not broadcast in stored order; reshape the " +
                       "smaller one to the full rank in the model");
  }
  const std::vector<int> physical = to_physical(full);
  const int view =
      to.intermediate(node.name + "/aligned" + std::to_string(which), physical, tensor);
  format::ReshapeT reshape;
  reshape.shape = physical;
  to.add(node.name + "/align" + std::to_string(which), std::move(reshape), {tensor}, {view});
  return view;
}

// v = factor_a * La + factor_b * Lb; `unit_a` may be the negative of a's unit.
void add_scaled(Lowering& to, const Node& node, int a, double unit_a, int b) {
  const AddFit fit =
      fit_add(unit_a, to.level_range(a), to.unit(b), to.level_range(b), 0.0, to.fit_outputs(node));
  format::AddT add;
  add.factor_a = fit.factor_a;
  add.factor_b = fit.factor_b;
  add.addend = fit.addend;
  add.unit = fit.unit;
  add.outputs = Lowering::requantized(fit.outputs, 1);
  to.add(node.name, std::move(add), {a, b}, {to.define(node.outputs[0], fit.unit)});
}

}  // namespace

void lower_add(Lowering& to, const Node& node) {
  const int a = aligned(to, node, 0), b = aligned(to, node, 1);
  add_scaled(to, node, a, to.unit(a), b);
}

// a - b = -b + a: a multiplier may be negative, the unit of a residual may not.
void lower_subtract(Lowering& to, const Node& node) {
  const int a = aligned(to, node, 0), b = aligned(to, node, 1);
  add_scaled(to, node, b, -to.unit(b), a);
}

void lower_multiply(Lowering& to, const Node& node) {
  const int a = aligned(to, node, 0), b = aligned(to, node, 1);
  const LevelRange x = to.level_range(a), y = to.level_range(b);
  int64_t low = 0, high = 0;
  for (int64_t p : {x.low, x.high}) {
    for (int64_t q : {y.low, y.high}) {
      low = std::min(low, p * q);
      high = std::max(high, p * q);
    }
  }
  const RequantizeFit fit =
      fit_scalar(to.unit(a) * to.unit(b), 0.0, low, high, to.fit_outputs(node));
  format::MultiplyT multiply;
  Lowering::set_scalar(fit, &multiply);
  to.add(node.name, std::move(multiply), {a, b}, {to.define(node.outputs[0], fit.unit)});
}

void lower_extremum(Lowering& to, const Node& node) {
  format::ExtremumT extremum;
  extremum.minimum = node.op == "Min";
  const int a = aligned(to, node, 0), b = aligned(to, node, 1);
  to.add(node.name, std::move(extremum), {a, b}, {to.define(node.outputs[0])});
}

}  // namespace weq::convert
