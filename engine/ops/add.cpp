// Add: v = factor_a * La + factor_b * Lb + addend, broadcast; one or two outputs, or units.
#include "engine/ops/pair_plan.h"

namespace weq {
namespace {

const format::Add& table(const NodeContext& c) { return *c.node->op_as_Add(); }

int64_t bound_v(const NodeContext& c) {
  const format::Add& add = table(c);
  return epilogue_bound(c.inputs[0]->quantizer->max_abs_level(), 0, add.factor_a(), add.addend(),
                        add.factor_b(), c.inputs[1]->quantizer->max_abs_level());
}

bool check(const NodeContext& c) {
  const format::Add& add = table(c);
  if (!check_bytes_in(c) || !check_outputs(c, add.outputs(), add.unit())) return false;
  if (bound_v(c) < 0) return c.fail("factor_a", "v may leave 32 bits");
  return true;
}

std::unique_ptr<Plan> plan(const PlanContext& c) {
  const format::Add& add = table(c);
  const kernels::AddTerms terms = {add.factor_a(), add.factor_b(), add.addend(),
                                   &c.inputs[0]->quantizer->map, &c.inputs[1]->quantizer->map};
  return std::make_unique<PairPlan<kernels::AddTerms>>(c, &kernels::ElementwiseKernel::add, terms,
                                                       add.outputs(), bound_v(c));
}

}  // namespace

const Operator add_operator = {"Add", 2, 2, 1, 2, check, infer_broadcast, plan, true};

}  // namespace weq
