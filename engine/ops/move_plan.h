// Operators that only move elements: each axis of the output says where its positions come from
// (kernels/move/move.h). Their plan is one class.
#pragma once

#include "engine/ops/op.h"
#include "kernels/move/move.h"

namespace weq {

// Axes longer than this are refused: their tables would not be small.
inline constexpr int64_t kMaxMovedAxis = int64_t{1} << 24;

// For each axis of the output: position in the input's axis of each of its positions, or -1 for the
// fill; and how many elements apart the input's positions lie.
struct AxisSource {
  std::vector<int32_t> from;
  int64_t stride = 0;
};

// `count` positions first, first + step, ...
std::vector<int32_t> counted(int64_t count, int64_t first = 0, int64_t step = 1);

// Distances in elements of the axes of `shape`, whose rows lie `pitch` apart.
Dims strides(const Dims& shape, int64_t pitch);
inline Dims strides(const Dims& shape) { return strides(shape, row_length(shape)); }

// Axes that stay as they are: counted, with the strides of `shape`.
std::vector<AxisSource> identity_axes(const Dims& shape, int64_t pitch);
inline std::vector<AxisSource> identity_axes(const Dims& shape) {
  return identity_axes(shape, row_length(shape));
}

// False, with the reason, when an axis is too long or the shape has no element.
bool check_moved(const NodeContext& c, const Dims& shape);

// Output rows may lie apart where the last of `axes` is the output's last axis.
// `fill`: stored byte of the elements that come from nowhere. Element sizes 1 and 4; for the latter
// the fill is 0.
std::unique_ptr<Plan> make_move_plan(const PlanContext& c, const std::vector<AxisSource>& axes,
                                     uint8_t fill = 0);

}  // namespace weq
