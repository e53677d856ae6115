// Elements moved as they are. Each axis of the output says where its positions come from; an
// element's place in the input is the sum over the axes, or nowhere (the fill) when one axis says
// so. The last axis is given as runs, the others as tables.
#pragma once

#include "kernels/contract.h"

namespace weq::kernels {

inline constexpr int kMoveAxes = 5;

// `count` neighbouring elements of an output row: from `from`, `from + step`, ... of the input.
struct MoveRun {
  int32_t count = 0;
  int32_t from = -1;  // elements; negative: the fill
  int32_t step = 1;   // 1: a copy; 0: one element repeated; else a strided read, maybe backwards
};

struct Move {
  int32_t element_size = 1;  // 1 or 4 bytes
  uint32_t fill = 0;         // its first element_size bytes, little-endian
  int32_t axes = 0;          // axes above the row, 0..kMoveAxes
  int32_t size[kMoveAxes] = {};
  const int32_t* from[kMoveAxes] = {};  // size[axis] offsets in elements; negative: the fill
  const MoveRun* runs = nullptr;
  int32_t run_count = 0;
  int32_t row_elements = 0;  // sum of the runs' counts
  int64_t row_pitch = 0;     // elements from one row of y to the next, at least row_elements
};

// Work items are output rows, in order: the product of size[]. Every offset sum must lie inside x;
// exactly the rows [begin, end) of y are written.
void move_rows(const Move& move, const uint8_t* x, uint8_t* y, int64_t begin, int64_t end);

// Copies `rows` rows of `bytes` bytes between pitches. Inputs and outputs do not overlap.
void copy_rows(const uint8_t* x, ptrdiff_t x_pitch, uint8_t* y, ptrdiff_t y_pitch, size_t bytes,
               int64_t rows);

// y[c][r] = x[r][c] for `rows` x `columns` elements of element_size 1 or 4, in blocks that stay in
// the first cache; the work items are columns of x, that is rows of y.
void transpose_columns(const uint8_t* x, int64_t rows, int64_t columns, int32_t element_size,
                       uint8_t* y, int64_t begin, int64_t end);

}  // namespace weq::kernels
