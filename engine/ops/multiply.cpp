// Multiply: v = ((La * Lb + round) >> pre_shift) * multiplier + addend, broadcast; one or two
// outputs, or units.
#include "engine/ops/pair_plan.h"

namespace weq {
namespace {

const format::Multiply& table(const NodeContext& c) { return *c.node->op_as_Multiply(); }

int64_t bound_v(const NodeContext& c) {
  const format::Multiply& multiply = table(c);
  const int64_t product =
      int64_t{c.inputs[0]->quantizer->max_abs_level()} * c.inputs[1]->quantizer->max_abs_level();
  return epilogue_bound(product, multiply.pre_shift(), multiply.multiplier(), multiply.addend(), 0,
                        0);
}

bool check(const NodeContext& c) {
  const format::Multiply& multiply = table(c);
  if (!check_bytes_in(c) || !check_outputs(c, multiply.outputs(), multiply.unit())) return false;
  if (multiply.pre_shift() > 30) return c.fail("pre_shift", "above 30");
  if (bound_v(c) < 0) return c.fail("multiplier", "v may leave 32 bits");
  return true;
}

std::unique_ptr<Plan> plan(const PlanContext& c) {
  const format::Multiply& multiply = table(c);
  const kernels::MultiplyTerms terms = {multiply.pre_shift(), multiply.multiplier(),
                                        multiply.addend(), &c.inputs[0]->quantizer->map,
                                        &c.inputs[1]->quantizer->map};
  return std::make_unique<PairPlan<kernels::MultiplyTerms>>(
      c, &kernels::ElementwiseKernel::multiply, terms, multiply.outputs(), bound_v(c));
}

}  // namespace

const Operator multiply_operator = {"Multiply", 2, 2, 1, 2, check, infer_broadcast, plan, true};

}  // namespace weq
