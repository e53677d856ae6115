// Dilate: factor - 1 fill bytes between neighbours of each axis (the input of a transposed
// convolution run as a convolution).
#include "engine/ops/move_plan.h"
#include "engine/ops/tile_end.h"

namespace weq {
namespace {

const format::Dilate& table(const NodeContext& c) { return *c.node->op_as_Dilate(); }

bool check(const NodeContext& c) {
  const format::Dilate& dilate = table(c);
  if (!check_bytes_in(c) || !check_values_kept(c)) return false;
  if (dilate.factors()->size() != static_cast<uint32_t>(c.input_shapes[0].rank))
    return c.fail("factors", "not one per axis");
  for (uint16_t factor : *dilate.factors())
    if (factor == 0) return c.fail("factors", "a factor is 0");
  if (!c.inputs[0]->quantizer->stored[dilate.byte()])
    return c.fail("byte", std::to_string(dilate.byte()) + " has no code");
  return true;
}

bool infer(const NodeContext& c, Dims* outputs) {
  outputs[0] = c.input_shapes[0];
  for (int i = 0; i < outputs[0].rank; ++i)
    outputs[0][i] = (outputs[0][i] - 1) * table(c).factors()->Get(static_cast<uint32_t>(i)) + 1;
  return check_moved(c, outputs[0]);
}

std::unique_ptr<Plan> plan(const PlanContext& c) {
  std::vector<AxisSource> axes = identity_axes(c.input_shapes[0], c.input_pitch(0));
  for (int i = 0; i < c.input_shapes[0].rank; ++i) {
    const int64_t factor = table(c).factors()->Get(static_cast<uint32_t>(i));
    std::vector<int32_t> from(static_cast<size_t>(c.output_shapes[0][i]), -1);
    for (int64_t k = 0; k < c.input_shapes[0][i]; ++k)
      from[static_cast<size_t>(k * factor)] = static_cast<int32_t>(k);
    axes[static_cast<size_t>(i)].from = from;
  }
  return make_move_plan(c, axes, table(c).byte());
}

}  // namespace

const Operator dilate_operator = {"Dilate", 1, 1, 1, 1, check, infer, plan, true, true};

}  // namespace weq
