// Transpose: output axis i is input axis axes[i]. Neighbouring axes that stay together are one;
// what is then a batch of matrices is transposed block by block, the rest moves in rows.
#include "engine/ops/move_plan.h"
#include "engine/ops/tile_end.h"

namespace weq {
namespace {

constexpr int64_t kColumnBlock = 32;  // columns of a matrix in one work item

const format::Transpose& table(const NodeContext& c) { return *c.node->op_as_Transpose(); }

bool check(const NodeContext& c) {
  if (!check_values_kept(c)) return false;
  const auto rank = static_cast<uint32_t>(c.input_shapes[0].rank);
  if (table(c).axes()->size() != rank) return c.fail("axes", "not one per axis");
  bool seen[kMaxRank] = {};
  for (uint8_t axis : *table(c).axes()) {
    if (axis >= rank || seen[axis]) return c.fail("axes", "not a permutation");
    seen[axis] = true;
  }
  return true;
}

bool infer(const NodeContext& c, Dims* outputs) {
  outputs[0] = c.input_shapes[0];
  for (int i = 0; i < outputs[0].rank; ++i)
    outputs[0][i] = c.input_shapes[0][table(c).axes()->Get(static_cast<uint32_t>(i))];
  return check_moved(c, outputs[0]);
}

// Output axes in order, each a run of input axes that stay together; axes of size 1 left out.
struct Group {
  int64_t size = 1, stride = 0;  // of the output axis, in input elements
};
std::vector<Group> group_axes(const NodeContext& c) {
  const Dims step = strides(c.input_shapes[0]);
  std::vector<Group> groups;
  for (uint8_t axis : *table(c).axes()) {
    const int64_t size = c.input_shapes[0][axis], stride = step[axis];
    if (size == 1) continue;
    if (!groups.empty() && groups.back().stride == size * stride) {
      groups.back().size *= size;
      groups.back().stride = stride;
    } else {
      groups.push_back({size, stride});
    }
  }
  return groups;
}

class MatrixPlan : public Plan {
 public:
  MatrixPlan(int64_t batch, int64_t rows, int64_t columns, size_t element)
      : batch_(batch),
        rows_(rows),
        columns_(columns),
        blocks_((columns + kColumnBlock - 1) / kColumnBlock),
        element_(static_cast<int32_t>(element)) {}

  void run(const RunContext& c) const override {
    const int64_t bytes = rows_ * columns_ * element_;
    c.parallel_for(batch_ * blocks_, [&](int64_t begin, int64_t end, void*) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t offset = i / blocks_ * bytes, column = i % blocks_ * kColumnBlock;
        const int64_t last = column + kColumnBlock < columns_ ? column + kColumnBlock : columns_;
        kernels::transpose_columns(c.bytes_in(0) + offset, rows_, columns_, element_,
                                   c.bytes_out(0) + offset, column, last);
      }
    });
  }

 private:
  int64_t batch_, rows_, columns_, blocks_;
  int32_t element_;
};

std::unique_ptr<Plan> plan(const PlanContext& c) {
  const std::vector<Group> groups = group_axes(c);
  const size_t n = groups.size();
  // [batch] columns rows, where the batch stays outside.
  if ((n == 2 || n == 3) && groups[n - 2].stride == 1 &&
      groups[n - 1].stride == groups[n - 2].size &&
      (n == 2 || groups[0].stride == groups[1].size * groups[2].size))
    return std::make_unique<MatrixPlan>(n == 3 ? groups[0].size : 1, groups[n - 1].size,
                                        groups[n - 2].size, c.outputs[0]->element_size());
  std::vector<AxisSource> axes;
  for (const Group& group : groups) axes.push_back({counted(group.size), group.stride});
  return make_move_plan(c, axes);
}

}  // namespace

const Operator transpose_operator = {"Transpose", 1, 1, 1, 1, check, infer, plan};

}  // namespace weq
