// ResizeNearest: stored bytes (or units) of the nearest position, by ONNX's coordinate modes.
#include "engine/ops/move_plan.h"
#include "engine/ops/resize_shape.h"
#include "engine/ops/tile_end.h"

namespace weq {
namespace {

const format::ResizeNearest& table(const NodeContext& c) { return *c.node->op_as_ResizeNearest(); }

bool check(const NodeContext& c) {
  const format::ResizeNearest& resize = table(c);
  if (!check_values_kept(c)) return false;
  if (resize.nearest() > format::Nearest::MAX) return c.fail("nearest", "unknown value");
  return check_resize(c, resize.scales(), resize.sizes(), resize.coordinates());
}

bool infer(const NodeContext& c, Dims* outputs) {
  return infer_resize(c, table(c).scales(), table(c).sizes(), outputs);
}

std::unique_ptr<Plan> plan(const PlanContext& c) {
  const format::ResizeNearest& resize = table(c);
  std::vector<AxisSource> axes = identity_axes(c.input_shapes[0], c.input_pitch(0));
  const int rank = c.input_shapes[0].rank;
  for (int i = 0; i < 2; ++i) {
    if (rank - 3 + i == 0) continue;
    const kernels::ResizeAxis axis =
        resize_axis(c, resize.scales(), resize.sizes(), resize.coordinates(), i);
    std::vector<int32_t>& from = axes[static_cast<size_t>(rank - 3 + i)].from;
    from.clear();
    for (int32_t o = 0; o < axis.out; ++o)
      from.push_back(
          kernels::nearest_position(axis, static_cast<kernels::NearestMode>(resize.nearest()), o));
  }
  return make_move_plan(c, axes);
}

}  // namespace

const Operator resize_nearest_operator = {"ResizeNearest", 1,     1,    1,    1,
                                          check,           infer, plan, true, true};

}  // namespace weq
