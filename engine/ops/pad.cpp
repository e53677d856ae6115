// Pad: a constant stored byte (0 for units and floats), the mirrored inside, or the edge, around
// every axis.
#include "engine/ops/move_plan.h"
#include "engine/ops/tile_end.h"

namespace weq {
namespace {

const format::Pad& table(const NodeContext& c) { return *c.node->op_as_Pad(); }

// Where padded position `i`, counted from the first inside one, comes from.
int64_t source(int64_t i, int64_t size, format::PadMode mode) {
  if (i >= 0 && i < size) return i;
  if (mode == format::PadMode::Edge) return i < 0 ? 0 : size - 1;
  if (mode == format::PadMode::Reflect) return i < 0 ? -i : 2 * (size - 1) - i;
  return -1;
}

bool check(const NodeContext& c) {
  const format::Pad& pad = table(c);
  const auto rank = static_cast<uint32_t>(c.input_shapes[0].rank);
  if (!check_values_kept(c)) return false;
  if (pad.mode() > format::PadMode::MAX) return c.fail("mode", "unknown value");
  for (const auto* list : {pad.before(), pad.after()}) {
    const char* field = list == pad.before() ? "before" : "after";
    if (list->size() != rank) return c.fail(field, "not one per axis");
    for (int32_t n : *list)
      if (n < 0) return c.fail(field, "negative");
  }
  if (pad.mode() != format::PadMode::Constant) return true;
  if (c.inputs[0]->is_bytes() ? !c.inputs[0]->quantizer->stored[pad.byte()] : pad.byte() != 0)
    return c.fail("byte", std::to_string(pad.byte()) + " has no code");
  return true;
}

bool infer(const NodeContext& c, Dims* outputs) {
  const format::Pad& pad = table(c);
  const Dims& in = c.input_shapes[0];
  outputs[0] = in;
  for (int i = 0; i < in.rank; ++i) {
    const int64_t before = pad.before()->Get(static_cast<uint32_t>(i));
    const int64_t after = pad.after()->Get(static_cast<uint32_t>(i));
    if (pad.mode() == format::PadMode::Reflect && (before >= in[i] || after >= in[i]))
      return c.fail("before", "reflects more than axis " + std::to_string(i) + " holds");
    outputs[0][i] += before + after;
  }
  return check_moved(c, outputs[0]);
}

std::unique_ptr<Plan> plan(const PlanContext& c) {
  const format::Pad& pad = table(c);
  const Dims& in = c.input_shapes[0];
  std::vector<AxisSource> axes = identity_axes(in, c.input_pitch(0));
  for (int i = 0; i < in.rank; ++i) {
    std::vector<int32_t> from;
    const int64_t before = pad.before()->Get(static_cast<uint32_t>(i));
    for (int64_t o = 0; o < c.output_shapes[0][i]; ++o)
      from.push_back(static_cast<int32_t>(source(o - before, in[i], pad.mode())));
    axes[static_cast<size_t>(i)].from = from;
  }
  return make_move_plan(c, axes, pad.byte());
}

}  // namespace

const Operator pad_operator = {"Pad", 1, 1, 1, 1, check, infer, plan, true, true};

}  // namespace weq
