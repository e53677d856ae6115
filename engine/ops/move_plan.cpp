#include "engine/ops/move_plan.h"

namespace weq {
namespace {

// Inner axes merge into one row of up to this many elements.
constexpr size_t kMaxRow = 1 << 16;

using Offsets = std::vector<int32_t>;

Offsets offsets(const AxisSource& axis) {
  Offsets result(axis.from);
  for (int32_t& at : result)
    if (at >= 0) at = static_cast<int32_t>(at * axis.stride);
  return result;
}

Offsets merge(const Offsets& outer, const Offsets& inner) {
  Offsets result;
  result.reserve(outer.size() * inner.size());
  for (int32_t a : outer)
    for (int32_t b : inner) result.push_back(a < 0 || b < 0 ? -1 : a + b);
  return result;
}

std::vector<kernels::MoveRun> find_runs(const Offsets& row) {
  std::vector<kernels::MoveRun> runs;
  for (const int32_t at : row) {
    kernels::MoveRun* last = runs.empty() ? nullptr : &runs.back();
    if (last != nullptr && at < 0 && last->from < 0) {
      ++last->count;
    } else if (last != nullptr && at >= 0 && last->from >= 0 && last->count == 1) {
      last->step = at - last->from;
      ++last->count;
    } else if (last != nullptr && at >= 0 && last->from >= 0 &&
               at - last->from == int64_t{last->step} * last->count) {
      ++last->count;
    } else {
      runs.push_back({1, at < 0 ? -1 : at, 1});
    }
  }
  return runs;
}

class MovePlan : public Plan {
 public:
  MovePlan(const PlanContext& c, const std::vector<AxisSource>& axes, uint8_t fill) {
    move_.element_size = static_cast<int32_t>(c.outputs[0]->element_size());
    move_.fill = c.outputs[0]->is_bytes() ? fill : 0;
    Offsets row = axes.empty() ? Offsets{0} : offsets(axes.back());
    size_t outer = axes.empty() ? 0 : axes.size() - 1;
    const bool apart = c.output_pitch(0) != row_length(c.output_shapes[0]);
    while (!apart && outer > 0 && axes[outer - 1].from.size() * row.size() <= kMaxRow)
      row = merge(offsets(axes[--outer]), row);
    for (size_t i = 0; i < outer; ++i) {
      tables_.push_back(offsets(axes[i]));
      move_.size[i] = static_cast<int32_t>(tables_.back().size());
      rows_ *= move_.size[i];
    }
    for (size_t i = 0; i < outer; ++i) move_.from[i] = tables_[i].data();
    move_.axes = static_cast<int32_t>(outer);
    runs_ = find_runs(row);
    move_.runs = runs_.data();
    move_.run_count = static_cast<int32_t>(runs_.size());
    move_.row_elements = static_cast<int32_t>(row.size());
    move_.row_pitch = apart ? c.output_pitch(0) : move_.row_elements;
  }

  void run(const RunContext& c) const override {
    c.parallel_for(rows_, [&](int64_t begin, int64_t end, void*) {
      kernels::move_rows(move_, c.bytes_in(0), c.bytes_out(0), begin, end);
    });
  }

 private:
  kernels::Move move_;
  std::vector<Offsets> tables_;
  std::vector<kernels::MoveRun> runs_;
  int64_t rows_ = 1;
};

}  // namespace

std::vector<int32_t> counted(int64_t count, int64_t first, int64_t step) {
  std::vector<int32_t> result;
  for (int64_t i = 0; i < count; ++i) result.push_back(static_cast<int32_t>(first + i * step));
  return result;
}

Dims strides(const Dims& shape, int64_t pitch) {
  Dims result = shape;
  int64_t step = 1;
  for (int i = shape.rank - 1; i >= 0; --i) {
    result[i] = step;
    step = i == shape.rank - 1 ? pitch : step * shape[i];
  }
  return result;
}

std::vector<AxisSource> identity_axes(const Dims& shape, int64_t pitch) {
  const Dims step = strides(shape, pitch);
  std::vector<AxisSource> axes;
  for (int i = 0; i < shape.rank; ++i) axes.push_back({counted(shape[i]), step[i]});
  return axes;
}

bool check_moved(const NodeContext& c, const Dims& shape) {
  for (int i = 0; i < shape.rank; ++i) {
    if (shape[i] < 1) return c.fail("outputs", "axis " + std::to_string(i) + " would be empty");
    if (shape[i] > kMaxMovedAxis)
      return c.fail("outputs", "axis " + std::to_string(i) + " would exceed 2^24 positions");
  }
  return true;
}

std::unique_ptr<Plan> make_move_plan(const PlanContext& c, const std::vector<AxisSource>& axes,
                                     uint8_t fill) {
  return std::make_unique<MovePlan>(c, axes, fill);
}

}  // namespace weq
