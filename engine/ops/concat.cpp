// Concat: tensors of one quantizer (or unit) side by side along one axis, as they are. Those that
// lie inside the output already (runtime/places.h) are left alone.
#include "engine/ops/tile_end.h"
#include "kernels/move/move.h"

namespace weq {
namespace {

constexpr int kMaxInputs = 4096;

int axis_of(const NodeContext& c) { return c.node->op_as_Concat()->axis(); }

bool check(const NodeContext& c) {
  if (!check_values_kept(c)) return false;
  if (axis_of(c) >= c.input_shapes[0].rank) return c.fail("axis", "the inputs have fewer axes");
  return true;
}

bool infer(const NodeContext& c, Dims* outputs) {
  const int axis = axis_of(c);
  outputs[0] = c.input_shapes[0];
  for (size_t i = 1; i < c.input_count(); ++i) {
    Dims other = c.input_shapes[i];
    const int64_t size = other.rank > axis ? other[axis] : 0;
    if (other.rank > axis) other[axis] = c.input_shapes[0][axis];
    if (other != c.input_shapes[0])
      return c.fail("inputs", "shapes differ in other axes than " + std::to_string(axis));
    outputs[0][axis] += size;
  }
  return true;
}

// What a tensor has at each position before the axis: `bytes`, those of the next `pitch` bytes on.
struct Blocks {
  int64_t bytes = 0, pitch = 0;
};

// Rows lie apart only where they are the blocks: along the last axis.
Blocks blocks_of(const Dims& shape, int axis, int64_t row_pitch, size_t element_size) {
  const auto element = static_cast<int64_t>(element_size);
  const int64_t elements = shape.count(axis, shape.rank);
  return {elements * element, (axis == shape.rank - 1 ? row_pitch : elements) * element};
}

class ConcatPlan : public Plan {
 public:
  explicit ConcatPlan(const PlanContext& c) {
    const int axis = axis_of(c);
    const size_t element = c.outputs[0]->element_size();
    rows_ = c.output_shapes[0].count(0, axis);
    out_pitch_ = blocks_of(c.output_shapes[0], axis, c.output_pitch(0), element).pitch;
    for (size_t i = 0; i < c.input_count(); ++i)
      inputs_.push_back(blocks_of(c.input_shapes[i], axis, c.input_pitch(i), element));
  }

  // A work item: one position before the axis.
  void run(const RunContext& c) const override {
    if (all_in_place(c)) return;
    c.parallel_for(rows_, [&](int64_t begin, int64_t end, void*) {
      uint8_t* to = c.bytes_out(0);
      for (size_t i = 0; i < inputs_.size(); ++i) {
        const Blocks& from = inputs_[i];
        if (c.bytes_in(i) != to)
          kernels::copy_rows(c.bytes_in(i) + begin * from.pitch, from.pitch,
                             to + begin * out_pitch_, out_pitch_, static_cast<size_t>(from.bytes),
                             end - begin);
        to += from.bytes;
      }
    });
  }

 private:
  bool all_in_place(const RunContext& c) const {
    const uint8_t* at = c.bytes_out(0);
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (c.bytes_in(i) != at) return false;
      at += inputs_[i].bytes;
    }
    return true;
  }

  std::vector<Blocks> inputs_;
  int64_t out_pitch_ = 0, rows_ = 1;
};

std::unique_ptr<Plan> plan(const PlanContext& c) { return std::make_unique<ConcatPlan>(c); }

}  // namespace

const Operator concat_operator = {"Concat", 1, kMaxInputs, 1, 1, check, infer, plan, true, true};

}  // namespace weq
