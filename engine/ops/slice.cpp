// Slice: start, end and step for every axis; negative positions count from the end, steps may be
// negative, ends are clamped (ONNX Slice).
#include "engine/ops/move_plan.h"
#include "engine/ops/tile_end.h"

namespace weq {
namespace {

struct Range {
  int64_t first = 0, step = 1, count = 0;
};

Range range_of(const format::Slice& slice, int axis, int64_t size) {
  const auto i = static_cast<uint32_t>(axis);
  const int64_t step = slice.steps()->Get(i);
  const auto clamp = [&](int64_t position, int64_t low, int64_t high) {
    if (position < 0) position += size;
    return position < low ? low : (position > high ? high : position);
  };
  const bool forward = step > 0;
  const int64_t first = clamp(slice.starts()->Get(i), 0, forward ? size : size - 1);
  const int64_t end = clamp(slice.ends()->Get(i), forward ? 0 : -1, forward ? size : size - 1);
  const int64_t span = forward ? end - first : first - end, pace = forward ? step : -step;
  return {first, step, span > 0 ? (span + pace - 1) / pace : 0};
}

bool check(const NodeContext& c) {
  const format::Slice& slice = *c.node->op_as_Slice();
  const auto rank = static_cast<uint32_t>(c.input_shapes[0].rank);
  if (!check_values_kept(c)) return false;
  if (slice.starts()->size() != rank) return c.fail("starts", "not one per axis");
  if (slice.ends()->size() != rank) return c.fail("ends", "not one per axis");
  if (slice.steps()->size() != rank) return c.fail("steps", "not one per axis");
  for (int32_t step : *slice.steps())
    if (step == 0) return c.fail("steps", "a step is 0");
  return true;
}

bool infer(const NodeContext& c, Dims* outputs) {
  const Dims& in = c.input_shapes[0];
  outputs[0] = in;
  for (int i = 0; i < in.rank; ++i)
    outputs[0][i] = range_of(*c.node->op_as_Slice(), i, in[i]).count;
  return check_moved(c, outputs[0]);
}

std::unique_ptr<Plan> plan(const PlanContext& c) {
  const Dims& in = c.input_shapes[0];
  std::vector<AxisSource> axes = identity_axes(in, c.input_pitch(0));
  for (int i = 0; i < in.rank; ++i) {
    const Range range = range_of(*c.node->op_as_Slice(), i, in[i]);
    axes[static_cast<size_t>(i)].from = counted(range.count, range.first, range.step);
  }
  return make_move_plan(c, axes);
}

}  // namespace

const Operator slice_operator = {"Slice", 1, 1, 1, 1, check, infer, plan, true, true};

}  // namespace weq
