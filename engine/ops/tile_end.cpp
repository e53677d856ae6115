#include "engine/ops/tile_end.h"

#include <algorithm>

namespace weq {
namespace {

constexpr int kColumns = 512;  // row length in which the requantize kernel is given flat runs

}  // namespace

void TileEnd::set(const PlanContext& c, const RequantizedList* outputs, int64_t v_bound) {
  epilogue_.set(1, 0, kColumns, 0);
  epilogue_.set_outputs(c, outputs, v_bound);
  requantize_ = c.requantize;
  channels_ = row_length(c.output_shapes[0]);
  pitch_ = c.output_pitch(0);
}

TileTarget TileEnd::target(const RunContext& c, int64_t at) const {
  TileTarget target;
  if (outputs() == 0) target.units = c.units_out(0) + at;
  for (int i = 0; i < outputs(); ++i) target.bytes[i] = c.bytes_out(static_cast<size_t>(i)) + at;
  return target;
}

void TileEnd::write_rows(const int32_t* v, int32_t rows, int32_t columns, const TileTarget& target,
                         ptrdiff_t stride) const {
  kernels::EpilogueTarget to;
  for (int i = 0; i < outputs(); ++i) to.bytes[i] = target.bytes[i];
  to.units = target.units;
  to.stride = stride;
  requantize_->run(epilogue_.get(), v, columns, rows, 0, columns, to);
}

void TileEnd::write(const int32_t* v, int64_t count, const TileTarget& target) const {
  const int64_t rows = count / kColumns, whole = rows * kColumns;
  if (rows > 0) write_rows(v, static_cast<int32_t>(rows), kColumns, target, kColumns);
  if (whole == count) return;
  TileTarget rest = target;
  for (int i = 0; i < outputs(); ++i) rest.bytes[i] += whole;
  if (rest.units != nullptr) rest.units += whole;
  write_rows(v + whole, 1, static_cast<int32_t>(count - whole), rest, kColumns);
}

void TileEnd::write(const RunContext& c, const int32_t* v, int64_t count, int64_t at) const {
  if (pitch_ == channels_) return write(v, count, target(c, at));
  for (const int64_t end = at + count; at < end;) {
    // Whole rows together, else what is left of one.
    const int64_t row = at / channels_, column = at % channels_;
    const bool whole = column == 0 && channels_ <= kColumns && end - at >= channels_;
    const int64_t rows = whole ? (end - at) / channels_ : 1;
    const int64_t columns =
        whole ? channels_ : std::min({channels_ - column, end - at, int64_t{kColumns}});
    write_rows(v, static_cast<int32_t>(rows), static_cast<int32_t>(columns),
               target(c, row * pitch_ + column), static_cast<ptrdiff_t>(pitch_));
    v += rows * columns;
    at += rows * columns;
  }
}

bool check_bytes_in(const NodeContext& c) {
  for (const TensorInfo* input : c.inputs)
    if (!input->is_bytes())
      return c.fail("inputs", "tensor " + std::string(input->name) + " does not hold bytes");
  return true;
}

bool check_values_kept(const NodeContext& c) {
  for (const TensorInfo* input : c.inputs)
    if (!same_values(*input, *c.outputs[0]))
      return c.fail("outputs", "tensor " + std::string(c.outputs[0]->name) +
                                   " has another type, quantizer or unit than " + input->name);
  return true;
}

}  // namespace weq
