// Gather: positions of one axis by a constant list, in its order; negative ones count from the end.
// A list of rank 0 (one index) takes the axis away.
#include "engine/ops/move_plan.h"
#include "engine/ops/tile_end.h"

namespace weq {
namespace {

const format::Gather& table(const NodeContext& c) { return *c.node->op_as_Gather(); }

bool check(const NodeContext& c) {
  const format::Gather& gather = table(c);
  if (!check_values_kept(c)) return false;
  if (gather.axis() >= c.input_shapes[0].rank) return c.fail("axis", "the input has fewer axes");
  if (gather.rank() > 1) return c.fail("rank", "not 0 or 1");
  if (gather.rank() == 0 && gather.indices()->size() != 1)
    return c.fail("indices", "not one although their rank is 0");
  return true;
}

bool infer(const NodeContext& c, Dims* outputs) {
  const format::Gather& gather = table(c);
  const Dims& in = c.input_shapes[0];
  const int64_t size = in[gather.axis()];
  for (int32_t index : *gather.indices())
    if (index < -size || index >= size)
      return c.fail("indices",
                    std::to_string(index) + " lies beyond the axis of " + std::to_string(size));
  outputs[0] = in;
  outputs[0][gather.axis()] = gather.indices()->size();
  if (gather.rank() == 0) {
    for (int i = gather.axis(); i + 1 < in.rank; ++i) outputs[0][i] = in[i + 1];
    --outputs[0].rank;
  }
  return check_moved(c, outputs[0]);
}

std::unique_ptr<Plan> plan(const PlanContext& c) {
  const format::Gather& gather = table(c);
  std::vector<AxisSource> axes = identity_axes(c.input_shapes[0]);
  std::vector<int32_t>& from = axes[gather.axis()].from;
  const auto size = static_cast<int32_t>(from.size());
  from.clear();
  for (int32_t index : *gather.indices()) from.push_back(index < 0 ? index + size : index);
  return make_move_plan(c, axes);
}

}  // namespace

const Operator gather_operator = {"Gather", 1, 1, 1, 1, check, infer, plan};

}  // namespace weq
