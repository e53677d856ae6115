// The end of operators whose v is computed by their own kernels: v in int32, without gaps, to one
// or two outputs (quantization.md, section 4). Multipliers and addends are already in v.
#pragma once

#include "engine/ops/epilogue.h"

namespace weq {

// Elements of v that a thread computes before they are written: they stay in the first cache.
inline constexpr int64_t kTileElements = 4096;
inline constexpr size_t kTileBytes = kTileElements * sizeof(int32_t);

struct TileTarget {
  uint8_t* bytes[2] = {nullptr, nullptr};
  int32_t* units = nullptr;
};

class TileEnd {
 public:
  // `v_bound` is the proven bound on |v|.
  void set(const PlanContext& c, const RequantizedList* outputs, int64_t v_bound);
  // Requantizes v[0..count) to elements at, at + 1... of the node's outputs, whose rows may lie
  // apart.
  void write(const RunContext& c, const int32_t* v, int64_t count, int64_t at) const;
  // The same to any place, without gaps.
  void write(const int32_t* v, int64_t count, const TileTarget& target) const;
  int outputs() const { return epilogue_.get().outputs; }

 private:
  TileTarget target(const RunContext& c, int64_t at) const;
  void write_rows(const int32_t* v, int32_t rows, int32_t columns, const TileTarget& target,
                  ptrdiff_t stride) const;

  int64_t channels_ = 1, pitch_ = 1;  // of the outputs' rows
  PreparedEpilogue epilogue_;
  const kernels::RequantizeKernel* requantize_ = nullptr;
};

// Both hold the same kind of values: one quantizer, or one unit, or floats.
inline bool same_values(const TensorInfo& a, const TensorInfo& b) {
  if (a.type != b.type) return false;
  if (a.is_bytes()) return a.quantizer == b.quantizer;
  return a.type == format::TensorType::Float || a.unit == b.unit;
}

// The common first lines of a check.
bool check_bytes_in(const NodeContext& c);     // all inputs hold bytes
bool check_values_kept(const NodeContext& c);  // the output holds what all the inputs hold

}  // namespace weq
