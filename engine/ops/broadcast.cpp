#include "engine/ops/broadcast.h"

#include <cstring>

#include "engine/ops/tile_end.h"

namespace weq {
namespace {

// Axis `i` of `rank` axes, counted from the left, of a shape that may have fewer.
int64_t aligned(const Dims& shape, int i, int rank) {
  const int axis = i - (rank - shape.rank);
  return axis < 0 ? 1 : shape[axis];
}

// Rows shorter than this leave most of a vector unused.
constexpr int32_t kShortRow = 128;

// The operand of a tile, one byte per element of the tile, in `to` if it is not so already.
const uint8_t* spread(const kernels::PairTile& tile, const uint8_t* x, ptrdiff_t row, int32_t step,
                      uint8_t* to) {
  if (step == 1 && row == tile.columns) return x;
  const auto columns = static_cast<size_t>(tile.columns);
  for (int32_t r = 0; r < tile.rows; ++r, x += row, to += columns) {
    if (step == 1) {
      std::memcpy(to, x, columns);
    } else {
      std::memset(to, *x, columns);
    }
  }
  return to - static_cast<size_t>(tile.rows) * columns;
}

}  // namespace

bool broadcast_shape(const Dims& a, const Dims& b, Dims* out) {
  out->rank = a.rank > b.rank ? a.rank : b.rank;
  for (int i = 0; i < out->rank; ++i) {
    const int64_t x = aligned(a, i, out->rank), y = aligned(b, i, out->rank);
    if (x != y && x != 1 && y != 1) return false;
    (*out)[i] = x == 1 ? y : x;
  }
  return true;
}

bool infer_broadcast(const NodeContext& c, Dims* outputs) {
  Dims shape;
  if (!broadcast_shape(c.input_shapes[0], c.input_shapes[1], &shape))
    return c.fail("inputs", "the two shapes cannot be broadcast to one");
  for (size_t i = 0; i < c.output_count(); ++i) outputs[i] = shape;
  return true;
}

void Broadcast::set(const Dims& a, const Dims& b) {
  Dims out;
  broadcast_shape(a, b, &out);
  // From the last axis: neighbours merge where both tensors go on as they did.
  Axis merged[kMaxRank + 2];
  int count = 0;
  int64_t a_step = 1, b_step = 1;
  for (int i = out.rank - 1; i >= 0; --i) {
    const int64_t x = aligned(a, i, out.rank), y = aligned(b, i, out.rank);
    const Axis axis = {out[i], x == 1 ? 0 : a_step, y == 1 ? 0 : b_step};
    a_step *= x;
    b_step *= y;
    if (axis.size == 1) continue;
    Axis* last = count > 0 ? &merged[count - 1] : nullptr;
    if (last != nullptr && axis.a == last->a * last->size && axis.b == last->b * last->size) {
      last->size *= axis.size;
    } else {
      merged[count++] = axis;
    }
  }
  column_ = count > 0 ? merged[0] : Axis{1, 0, 0};
  row_ = count > 1 ? merged[1] : Axis{1, 0, 0};
  axis_count_ = count > 2 ? count - 2 : 0;
  outer_ = 1;
  for (int i = 0; i < axis_count_; ++i) {
    axes_[i] = merged[count - 1 - i];
    outer_ *= axes_[i].size;
  }
  tile_columns_ = column_.size < kTileElements ? column_.size : kTileElements;
  const int64_t fitting = kTileElements / tile_columns_;
  tile_rows_ = tile_columns_ < column_.size ? 1 : (row_.size < fitting ? row_.size : fitting);
  row_blocks_ = (row_.size + tile_rows_ - 1) / tile_rows_;
  column_blocks_ = (column_.size + tile_columns_ - 1) / tile_columns_;
}

kernels::PairTile Broadcast::tile(int64_t i, const uint8_t* a, const uint8_t* b,
                                  int64_t* at) const {
  const int64_t column = i % column_blocks_ * tile_columns_;
  i /= column_blocks_;
  const int64_t row = i % row_blocks_ * tile_rows_;
  i /= row_blocks_;
  *at = (i * row_.size + row) * column_.size + column;
  kernels::PairTile tile;
  tile.a = a + row * row_.a + column * column_.a;
  tile.b = b + row * row_.b + column * column_.b;
  for (int axis = axis_count_ - 1; axis >= 0; --axis) {
    const int64_t position = i % axes_[axis].size;
    i /= axes_[axis].size;
    tile.a += position * axes_[axis].a;
    tile.b += position * axes_[axis].b;
  }
  const int64_t rows = row_.size - row, columns = column_.size - column;
  tile.rows = static_cast<int32_t>(rows < tile_rows_ ? rows : tile_rows_);
  tile.columns = static_cast<int32_t>(columns < tile_columns_ ? columns : tile_columns_);
  tile.a_row = row_.a;
  tile.b_row = row_.b;
  tile.a_step = static_cast<int32_t>(column_.a);
  tile.b_step = static_cast<int32_t>(column_.b);
  return tile;
}

void Broadcast::flatten(kernels::PairTile* tile, uint8_t* workspace) {
  static_assert(kFlattenBytes == 2 * kTileElements, "a tile of each operand");
  if (tile->rows == 1 || tile->columns >= kShortRow) return;
  tile->a = spread(*tile, tile->a, tile->a_row, tile->a_step, workspace);
  tile->b = spread(*tile, tile->b, tile->b_row, tile->b_step, workspace + kTileElements);
  tile->a_step = tile->b_step = 1;
  tile->columns *= tile->rows;
  tile->rows = 1;
}

}  // namespace weq
