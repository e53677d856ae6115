// The common end of arithmetic operators: check and prepare what requantize kernels are given.
// (quantization.md, section 4)
#pragma once

#include "engine/ops/op.h"

namespace weq {

using RequantizedList = flatbuffers::Vector<flatbuffers::Offset<format::Requantized>>;

// Upper bound of |v| and of every intermediate, or -1 when something reaches 2^31:
//   (|acc| + round >> P) * |M| + |C| + |F| * |level|
// The converter proves with the same function.
int64_t epilogue_bound(int64_t max_abs_acc, int pre_shift, int64_t multiplier, int64_t addend,
                       int64_t residual_factor, int64_t max_abs_residual);

// One Requantized per output; thresholds ascending, codes - 1 of them for Bytes, none for Units (a
// single output whose tensor has the same unit); unit > 0 and finite. All outputs of one shape.
bool check_outputs(const NodeContext& c, const RequantizedList* outputs, float unit);

// Owns the arrays of a kernels::Epilogue. Movable only by pointer: thresholds refer to the file or
// to its own arrays.
class PreparedEpilogue {
 public:
  PreparedEpilogue() = default;
  PreparedEpilogue(const PreparedEpilogue&) = delete;
  PreparedEpilogue& operator=(const PreparedEpilogue&) = delete;

  // Per-channel multipliers and addends, copied and padded to kChannelPad.
  void set(const int32_t* multiplier, const int32_t* addend, int channels, int pre_shift);
  // The same multiplier and addend for `channels` channels.
  void set(int32_t multiplier, int32_t addend, int channels, int pre_shift);
  void set_residual(int32_t factor, const kernels::LevelMap* map);
  // Thresholds of each output; Units: none. `v_bound` is the proven bound on |v|.
  void set_outputs(const NodeContext& c, const RequantizedList* outputs, int64_t v_bound);

  const kernels::Epilogue& get() const { return epilogue_; }

 private:
  std::vector<int32_t> multiplier_, addend_;
  std::vector<int32_t> expanded_[2];  // thresholds that the file gives in short
  kernels::Epilogue epilogue_;
};

}  // namespace weq
