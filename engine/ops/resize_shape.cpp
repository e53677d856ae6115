#include "engine/ops/resize_shape.h"

#include "engine/ops/move_plan.h"

namespace weq {
namespace {

constexpr float kMaxScale = 65536;

int64_t size_of(const NodeContext& c, int axis) {
  const Image in = as_image(c.input_shapes[0]);
  return axis == 0 ? in.h : in.w;
}

}  // namespace

bool check_resize(const NodeContext& c, const Scales* scales, const Sizes* sizes,
                  format::Coordinates coordinates) {
  if (coordinates > format::Coordinates::MAX) return c.fail("coordinates", "unknown value");
  const int rank = c.input_shapes[0].rank;
  if (rank < 3) return c.fail("inputs", "the input has less than three axes");
  const bool by_scales = scales != nullptr && scales->size() != 0;
  const bool to_sizes = sizes != nullptr && sizes->size() != 0;
  if (by_scales == to_sizes) return c.fail("scales", "one of scales and sizes must be given");
  if (by_scales) {
    if (scales->size() != 2) return c.fail("scales", "not two numbers");
    for (float scale : *scales)
      if (!(scale > 0) || scale > kMaxScale) return c.fail("scales", "not in (0, 65536]");
    if (rank == 3 && scales->Get(0) != 1) return c.fail("scales", "the input has no height");
  } else {
    if (sizes->size() != 2) return c.fail("sizes", "not two numbers");
    for (int32_t size : *sizes)
      if (size < 1) return c.fail("sizes", "below 1");
    if (rank == 3 && sizes->Get(0) != 1) return c.fail("sizes", "the input has no height");
  }
  return true;
}

kernels::ResizeAxis resize_axis(const NodeContext& c, const Scales* scales, const Sizes* sizes,
                                format::Coordinates coordinates, int axis) {
  kernels::ResizeAxis result;
  const int64_t in = size_of(c, axis);
  result.in = static_cast<int32_t>(in);
  result.mode = static_cast<kernels::CoordinateMode>(coordinates);
  if (sizes != nullptr && sizes->size() != 0) {
    result.out = sizes->Get(static_cast<uint32_t>(axis));
    result.scale = static_cast<float>(result.out) / static_cast<float>(in);
    return result;
  }
  result.scale = scales->Get(static_cast<uint32_t>(axis));
  const float out = result.scale * static_cast<float>(in);
  // Beyond every axis that a move accepts; the conversion must stay within 32 bits.
  constexpr float kHuge = 2.0f * static_cast<float>(kMaxMovedAxis);
  result.out = static_cast<int32_t>(out < kHuge ? out : kHuge);
  return result;
}

bool infer_resize(const NodeContext& c, const Scales* scales, const Sizes* sizes, Dims* output) {
  *output = c.input_shapes[0];
  for (int i = 0; i < 2; ++i) {
    const int position = output->rank - 3 + i;
    if (position > 0)
      (*output)[position] = resize_axis(c, scales, sizes, format::Coordinates::HalfPixel, i).out;
  }
  return check_moved(c, *output);
}

}  // namespace weq
