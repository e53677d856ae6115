// Expand: broadcast to a shape, aligned at the last axis; a 1 keeps the input's axis (ONNX Expand).
#include "engine/ops/broadcast.h"
#include "engine/ops/move_plan.h"
#include "engine/ops/tile_end.h"

namespace weq {
namespace {

bool check(const NodeContext& c) {
  if (!check_values_kept(c)) return false;
  if (c.node->op_as_Expand()->shape()->size() > kMaxRank) return c.fail("shape", "above 6 axes");
  for (int32_t size : *c.node->op_as_Expand()->shape())
    if (size < 1) return c.fail("shape", "an axis below 1");
  return true;
}

bool infer(const NodeContext& c, Dims* outputs) {
  Dims target;
  for (int32_t size : *c.node->op_as_Expand()->shape()) target[target.rank++] = size;
  if (!broadcast_shape(c.input_shapes[0], target, &outputs[0]))
    return c.fail("shape", "the input cannot be broadcast to it");
  return check_moved(c, outputs[0]);
}

std::unique_ptr<Plan> plan(const PlanContext& c) {
  const Dims& in = c.input_shapes[0];
  const Dims& out = c.output_shapes[0];
  std::vector<AxisSource> axes = identity_axes(out);
  const Dims step = strides(in);
  for (int i = 0; i < out.rank; ++i) {
    const int axis = i - (out.rank - in.rank);
    const bool kept = axis >= 0 && in[axis] == out[i];
    AxisSource& source = axes[static_cast<size_t>(i)];
    source.stride = kept ? step[axis] : 0;
    if (!kept) source.from = counted(out[i], 0, 0);
  }
  return make_move_plan(c, axes);
}

}  // namespace

const Operator expand_operator = {"Expand", 1, 1, 1, 1, check, infer, plan};

}  // namespace weq
