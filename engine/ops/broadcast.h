// ONNX broadcasting of two tensors on physical axes, cut into tiles of rows and columns whose
// results lie without gaps.
#pragma once

#include "engine/ops/op.h"
#include "kernels/elementwise/elementwise.h"

namespace weq {

// False when the shapes do not go together.
bool broadcast_shape(const Dims& a, const Dims& b, Dims* out);

// infer of an operator with two operands.
bool infer_broadcast(const NodeContext& c, Dims* outputs);

// Bytes of workspace that `flatten` may fill.
inline constexpr size_t kFlattenBytes = 2 * 4096;

class Broadcast {
 public:
  void set(const Dims& a, const Dims& b);
  int64_t tiles() const { return outer_ * row_blocks_ * column_blocks_; }
  // Tile `i` of the two tensors at `a` and `b`; `*at` is its first element in the output.
  kernels::PairTile tile(int64_t i, const uint8_t* a, const uint8_t* b, int64_t* at) const;

  // Turns a tile of short rows into one long row, which kernels are fast on: an operand that is not
  // laid out so already is repeated into `workspace`.
  static void flatten(kernels::PairTile* tile, uint8_t* workspace);

 private:
  struct Axis {
    int64_t size, a, b;  // distances between neighbours; 0 where broadcast
  };
  int axis_count_ = 0;  // axes above the rows
  Axis axes_[kMaxRank] = {};
  Axis row_ = {1, 0, 0}, column_ = {1, 0, 0};
  int64_t outer_ = 1, row_blocks_ = 1, column_blocks_ = 1;
  int64_t tile_rows_ = 1, tile_columns_ = 1;
};

}  // namespace weq
