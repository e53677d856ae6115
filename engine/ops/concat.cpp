// Concat: tensors of one quantizer (or unit) side by side along one axis, as they are.
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

class ConcatPlan : public Plan {
 public:
  explicit ConcatPlan(const PlanContext& c) {
    const int axis = axis_of(c);
    const size_t element = c.outputs[0]->element_size();
    rows_ = c.output_shapes[0].count(0, axis);
    for (const Dims& shape : c.input_shapes) {
      widths_.push_back(static_cast<size_t>(shape.count(axis, shape.rank)) * element);
      pitch_ += widths_.back();
    }
  }

  // A work item: one row, everything before the axis.
  void run(const RunContext& c) const override {
    c.parallel_for(rows_, [&](int64_t begin, int64_t end, void*) {
      const auto first = static_cast<size_t>(begin);
      size_t column = 0;
      for (size_t i = 0; i < widths_.size(); ++i) {
        kernels::copy_rows(c.bytes_in(i) + first * widths_[i], static_cast<ptrdiff_t>(widths_[i]),
                           c.bytes_out(0) + first * pitch_ + column, static_cast<ptrdiff_t>(pitch_),
                           widths_[i], end - begin);
        column += widths_[i];
      }
    });
  }

 private:
  std::vector<size_t> widths_;  // bytes of a row of each input
  size_t pitch_ = 0;            // of the output
  int64_t rows_ = 1;
};

std::unique_ptr<Plan> plan(const PlanContext& c) { return std::make_unique<ConcatPlan>(c); }

}  // namespace

const Operator concat_operator = {"Concat", 1, kMaxInputs, 1, 1, check, infer, plan};

}  // namespace weq
