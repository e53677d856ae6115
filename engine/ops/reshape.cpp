// Reshape: the same elements in the same order under another shape. 0 keeps the input's axis at
// that place, one -1 is inferred. A view: in place where the planner can, else a copy.
#include <cstring>

#include "engine/ops/tile_end.h"

namespace weq {
namespace {

constexpr int64_t kBlock = 1 << 16;  // bytes a work item copies

const format::Reshape& table(const NodeContext& c) { return *c.node->op_as_Reshape(); }

bool check(const NodeContext& c) {
  if (!check_values_kept(c)) return false;
  if (table(c).shape()->size() > kMaxRank) return c.fail("shape", "above 6 axes");
  int inferred = 0;
  for (int32_t size : *table(c).shape()) {
    if (size < -1) return c.fail("shape", "an axis below -1");
    if (size == -1 && ++inferred > 1) return c.fail("shape", "two axes are -1");
  }
  return true;
}

bool infer(const NodeContext& c, Dims* outputs) {
  const Dims& in = c.input_shapes[0];
  if (table(c).fixed_size())
    for (int i = 1; i < in.rank; ++i)
      if (in[i] != c.inputs[0]->shape[i])
        return c.fail("fixed_size", "only height and width of the model's own input are possible");
  Dims& out = outputs[0];
  out = {};
  int inferred = -1;
  int64_t known = 1;
  const int64_t count = in.count();
  for (int32_t size : *table(c).shape()) {
    const int axis = out.rank++;
    out[axis] = size;
    if (size == 0) {
      if (axis >= in.rank) return c.fail("shape", "0 for an axis that the input has not");
      out[axis] = in[axis];
    }
    if (size == -1) {
      inferred = axis;
    } else {
      known *= out[axis];
      if (known > count) return c.fail("shape", "more elements than the input has");
    }
  }
  if (inferred >= 0) {
    if (count % known != 0) return c.fail("shape", "the input's elements do not fit its axes");
    out[inferred] = count / known;
  } else if (known != count) {
    return c.fail("shape", "fewer elements than the input has");
  }
  return true;
}

class ReshapePlan : public Plan {
 public:
  explicit ReshapePlan(const PlanContext& c)
      : bytes_(c.output_shapes[0].count() * static_cast<int64_t>(c.outputs[0]->element_size())) {
    in_place = 0;
  }

  void run(const RunContext& c) const override {
    if (c.inputs[0] == c.outputs[0]) return;
    c.parallel_for((bytes_ + kBlock - 1) / kBlock, [&](int64_t begin, int64_t end, void*) {
      const int64_t first = begin * kBlock, last = end * kBlock < bytes_ ? end * kBlock : bytes_;
      std::memcpy(c.bytes_out(0) + first, c.bytes_in(0) + first, static_cast<size_t>(last - first));
    });
  }

 private:
  int64_t bytes_;
};

std::unique_ptr<Plan> plan(const PlanContext& c) { return std::make_unique<ReshapePlan>(c); }

}  // namespace

const Operator reshape_operator = {"Reshape", 1, 1, 1, 1, check, infer, plan};

}  // namespace weq
