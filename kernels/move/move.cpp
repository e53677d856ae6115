#include "kernels/move/move.h"

#include <cstring>

namespace weq::kernels {
namespace {

// Short copies are most of them, and a call to memcpy would cost more than the copy.
inline void copy(uint8_t* y, const uint8_t* x, size_t bytes) {
  if (bytes < 16 || bytes > 256) {
    std::memcpy(y, x, bytes);
    return;
  }
  size_t i = 0;
  for (; i + 16 <= bytes; i += 16) std::memcpy(y + i, x + i, 16);
  std::memcpy(y + bytes - 16, x + bytes - 16, 16);
}

template <class Element>
void fill(uint8_t* to, Element value, int32_t count) {
  auto* y = reinterpret_cast<Element*>(to);
  for (int32_t i = 0; i < count; ++i) y[i] = value;
}

template <class Element>
void run_row(const Move& move, const uint8_t* x, int64_t base, uint8_t* to) {
  const auto* in = reinterpret_cast<const Element*>(x);
  for (int32_t k = 0; k < move.run_count; ++k) {
    const MoveRun& run = move.runs[k];
    if (run.from < 0 || base < 0) {
      fill(to, static_cast<Element>(move.fill), run.count);
    } else if (run.step == 1) {
      copy(to, x + (base + run.from) * int64_t{sizeof(Element)},
           static_cast<size_t>(run.count) * sizeof(Element));
    } else if (run.step == 0) {
      fill(to, in[base + run.from], run.count);
    } else {
      const Element* p = in + base + run.from;
      auto* y = reinterpret_cast<Element*>(to);
      for (int64_t i = 0; i < run.count; ++i) y[i] = p[i * run.step];
    }
    to += static_cast<size_t>(run.count) * sizeof(Element);
  }
}

template <class Element>
void run_rows(const Move& move, const uint8_t* x, uint8_t* y, int64_t begin, int64_t end) {
  int32_t at[kMoveAxes] = {};
  int64_t rest = begin;
  for (int32_t axis = move.axes - 1; axis >= 0; --axis) {
    at[axis] = static_cast<int32_t>(rest % move.size[axis]);
    rest /= move.size[axis];
  }
  uint8_t* to = y + begin * move.row_pitch * int64_t{sizeof(Element)};
  for (int64_t row = begin; row < end; ++row) {
    int64_t base = 0;
    for (int32_t axis = 0; axis < move.axes; ++axis) {
      const int32_t from = move.from[axis][at[axis]];
      base = from < 0 || base < 0 ? -1 : base + from;
    }
    run_row<Element>(move, x, base, to);
    to += move.row_pitch * int64_t{sizeof(Element)};
    for (int32_t axis = move.axes - 1; axis >= 0 && ++at[axis] == move.size[axis]; --axis) {
      at[axis] = 0;
    }
  }
}

template <class Element>
void transpose(const uint8_t* from, int64_t rows, int64_t columns, uint8_t* to, int64_t begin,
               int64_t end) {
  constexpr int64_t kBlock = 32;
  const auto* x = reinterpret_cast<const Element*>(from);
  auto* y = reinterpret_cast<Element*>(to);
  for (int64_t c0 = begin; c0 < end; c0 += kBlock) {
    const int64_t c1 = c0 + kBlock < end ? c0 + kBlock : end;
    for (int64_t r0 = 0; r0 < rows; r0 += kBlock) {
      const int64_t r1 = r0 + kBlock < rows ? r0 + kBlock : rows;
      for (int64_t c = c0; c < c1; ++c) {
        for (int64_t r = r0; r < r1; ++r) y[c * rows + r] = x[r * columns + c];
      }
    }
  }
}

}  // namespace

void move_rows(const Move& move, const uint8_t* x, uint8_t* y, int64_t begin, int64_t end) {
  if (move.element_size == 4) {
    run_rows<uint32_t>(move, x, y, begin, end);
  } else {
    run_rows<uint8_t>(move, x, y, begin, end);
  }
}

void copy_rows(const uint8_t* x, ptrdiff_t x_pitch, uint8_t* y, ptrdiff_t y_pitch, size_t bytes,
               int64_t rows) {
  for (int64_t r = 0; r < rows; ++r) copy(y + r * y_pitch, x + r * x_pitch, bytes);
}

void transpose_columns(const uint8_t* x, int64_t rows, int64_t columns, int32_t element_size,
                       uint8_t* y, int64_t begin, int64_t end) {
  if (element_size == 4) {
    transpose<uint32_t>(x, rows, columns, y, begin, end);
  } else {
    transpose<uint8_t>(x, rows, columns, y, begin, end);
  }
}

}  // namespace weq::kernels
