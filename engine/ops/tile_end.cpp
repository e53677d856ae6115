#include "engine/ops/tile_end.h"

namespace weq {
namespace {

constexpr int kColumns = 512;  // row length in which the requantize kernel is given flat runs

}  // namespace

void TileEnd::set(const PlanContext& c, const RequantizedList* outputs, int64_t v_bound) {
  epilogue_.set(1, 0, kColumns, 0);
  epilogue_.set_outputs(c, outputs, v_bound);
  requantize_ = c.requantize;
}

TileTarget TileEnd::target(const RunContext& c, int64_t at) const {
  TileTarget target;
  if (outputs() == 0) target.units = c.units_out(0) + at;
  for (int i = 0; i < outputs(); ++i) target.bytes[i] = c.bytes_out(static_cast<size_t>(i)) + at;
  return target;
}

void TileEnd::write(const int32_t* v, int64_t count, const TileTarget& target) const {
  kernels::EpilogueTarget to;
  for (int i = 0; i < outputs(); ++i) to.bytes[i] = target.bytes[i];
  to.units = target.units;
  to.stride = kColumns;
  const int64_t rows = count / kColumns, whole = rows * kColumns;
  if (rows > 0)
    requantize_->run(epilogue_.get(), v, kColumns, static_cast<int32_t>(rows), 0, kColumns, to);
  if (whole == count) return;
  for (int i = 0; i < outputs(); ++i) to.bytes[i] += whole;
  if (to.units != nullptr) to.units += whole;
  requantize_->run(epilogue_.get(), v + whole, kColumns, 1, 0, static_cast<int32_t>(count - whole),
                   to);
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
