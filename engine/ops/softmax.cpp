// Softmax, log-softmax: over one axis, from bytes, units or floats, in single precision in a fixed
// order (kernels/softmax). To floats, or by thresholds of p in units of 2^-24 (of log p: 2^-16).
#include "kernels/softmax/softmax.h"

#include "engine/ops/tile_end.h"
#include "kernels/table/float.h"

namespace weq {
namespace {

const format::Softmax& table(const NodeContext& c) { return *c.node->op_as_Softmax(); }

bool to_float(const NodeContext& c) { return c.outputs[0]->type == format::TensorType::Float; }

bool check(const NodeContext& c) {
  const format::Softmax& softmax = table(c);
  if (softmax.axis() >= c.input_shapes[0].rank) return c.fail("axis", "the input has fewer axes");
  const bool listed = softmax.outputs() != nullptr && softmax.outputs()->size() != 0;
  if (to_float(c)) {
    if (listed) return c.fail("outputs", "thresholds for an output in float");
    if (c.output_count() != 1) return c.fail("outputs", "float next to another output");
    return true;
  }
  if (!listed) return c.fail("outputs", "no thresholds for a quantized output");
  return check_outputs(c, softmax.outputs(), softmax.log() ? 1.0f / 65536 : 1.0f / 16777216);
}

bool infer(const NodeContext& c, Dims* outputs) {
  for (size_t i = 0; i < c.output_count(); ++i) outputs[i] = c.input_shapes[0];
  return true;
}

class SoftmaxPlan : public Plan {
 public:
  explicit SoftmaxPlan(const PlanContext& c)
      : log_(table(c).log()), to_float_(to_float(c)), type_(c.inputs[0]->type) {
    const Dims& shape = c.input_shapes[0];
    const int axis = table(c).axis();
    outer_ = shape.count(0, axis);
    length_ = shape[axis];
    inner_ = shape.count(axis + 1, shape.rank);
    unit_ = c.inputs[0]->unit;
    if (c.inputs[0]->is_bytes())
      for (int byte = 0; byte < 256; ++byte)
        values_[byte] = unit_ * static_cast<float>(c.inputs[0]->quantizer->map.level[byte]);
    if (!to_float_) {
      constexpr int64_t kProbabilityBound = int64_t{1} << 24, kLogBound = int64_t{32767} << 16;
      end_.set(c, table(c).outputs(), log_ ? kLogBound : kProbabilityBound);
    }
    row_bytes_ =
        kernels::round_up(static_cast<size_t>(length_) * sizeof(float), kernels::kAlignment);
    // The row in float; v; and what is written of it where the row is scattered.
    workspace_bytes = row_bytes_ * (to_float_ ? 1 : 4);
  }

  // A work item: one row along the axis.
  void run(const RunContext& c) const override {
    c.parallel_for(outer_ * inner_, [&](int64_t begin, int64_t end, uint8_t* workspace) {
      auto* row = reinterpret_cast<float*>(workspace);
      for (int64_t i = begin; i < end; ++i) {
        const int64_t at = i / inner_ * length_ * inner_ + i % inner_;
        load(c, at, row);
        kernels::softmax_row(row, length_, log_);
        if (to_float_) {
          scatter(row, c.float_out(0) + at);
        } else {
          store(c, at, workspace);
        }
      }
    });
  }

 private:
  void load(const RunContext& c, int64_t at, float* row) const {
    if (type_ == format::TensorType::Bytes) {
      const uint8_t* x = c.bytes_in(0) + at;
      for (int64_t k = 0; k < length_; ++k) row[k] = values_[x[k * inner_]];
    } else if (type_ == format::TensorType::Units) {
      const int32_t* x = c.units_in(0) + at;
      for (int64_t k = 0; k < length_; ++k) row[k] = unit_ * static_cast<float>(x[k * inner_]);
    } else {
      const float* x = c.float_in(0) + at;
      for (int64_t k = 0; k < length_; ++k) row[k] = x[k * inner_];
    }
  }

  template <class Element>
  void scatter(const Element* row, Element* to) const {
    for (int64_t k = 0; k < length_; ++k) to[k * inner_] = row[k];
  }

  void store(const RunContext& c, int64_t at, uint8_t* workspace) const {
    auto* v = reinterpret_cast<int32_t*>(workspace + row_bytes_);
    kernels::softmax_units(reinterpret_cast<const float*>(workspace), length_, log_, v);
    if (inner_ == 1) {
      end_.write(c, v, length_, at);
      return;
    }
    if (end_.outputs() == 0) {
      scatter(v, c.units_out(0) + at);
      return;
    }
    TileTarget target;
    target.bytes[0] = workspace + 2 * row_bytes_;
    target.bytes[1] = workspace + 3 * row_bytes_;
    end_.write(v, length_, target);
    for (int i = 0; i < end_.outputs(); ++i)
      scatter(target.bytes[i], c.bytes_out(static_cast<size_t>(i)) + at);
  }

  bool log_, to_float_;
  format::TensorType type_;
  int64_t outer_ = 1, length_ = 1, inner_ = 1;
  float unit_ = 1;
  float values_[256] = {};  // of each stored byte
  TileEnd end_;
  size_t row_bytes_ = 0;
};

std::unique_ptr<Plan> plan(const PlanContext& c) { return std::make_unique<SoftmaxPlan>(c); }

}  // namespace

const Operator softmax_operator = {"Softmax", 1, 1, 1, 2, check, infer, plan};

}  // namespace weq
