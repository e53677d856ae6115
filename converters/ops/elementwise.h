// Loops over whole tensors: broadcasting binary functions and strided copies.
#pragma once

#include <algorithm>
#include <vector>

#include "converters/ops/support.h"

namespace weq::convert {

// Calls f(const T* x, T* y) with the storage of two tensors of one type.
template <class F>
void with_storage(const Tensor& x, Tensor* y, F f) {
  if (x.dtype == DType::kFloat) {
    f(x.f.data(), y->f.data());
  } else {
    f(x.i.data(), y->i.data());
  }
}

// Axes that are walked in the same way, merged: the shape and, per operand, its strides.
struct StridedWalk {
  Shape shape;
  std::vector<std::vector<int64_t>> strides;
};
// `operands`: shapes that broadcast to `shape`.
StridedWalk broadcast_walk(const Shape& shape, const std::vector<Shape>& operands);
// Merges neighbouring axes of any strides where all operands allow it.
StridedWalk merge_axes(const Shape& shape, const std::vector<std::vector<int64_t>>& strides);

// Calls row(out_offset, offsets) for every run of the innermost axis, outermost first.
template <class F>
void for_each_row(const StridedWalk& walk, F row) {
  const size_t rank = walk.shape.size();
  const size_t operands = walk.strides.size();
  std::vector<int64_t> index(rank, 0), offsets(operands, 0);
  const int64_t inner = walk.shape[rank - 1];
  const int64_t rows = product(walk.shape, 0, rank - 1);
  if (inner == 0) return;
  for (int64_t r = 0; r < rows; ++r) {
    row(r * inner, offsets);
    for (size_t axis = rank - 1; axis-- > 0;) {
      for (size_t k = 0; k < operands; ++k) offsets[k] += walk.strides[k][axis];
      if (++index[axis] < walk.shape[axis]) break;
      for (size_t k = 0; k < operands; ++k) offsets[k] -= walk.strides[k][axis] * index[axis];
      index[axis] = 0;
    }
  }
}

// y[i] = f(a[i], b[i]) with ONNX broadcasting; `shape` is that of y.
template <class T, class R, class F>
void broadcast_binary(const Shape& shape, const Shape& a_shape, const T* a, const Shape& b_shape,
                      const T* b, R* y, F f) {
  const StridedWalk walk = broadcast_walk(shape, {a_shape, b_shape});
  const int64_t inner = walk.shape.back();
  const int64_t sa = walk.strides[0].back();
  const int64_t sb = walk.strides[1].back();
  for_each_row(walk, [&](int64_t out, const std::vector<int64_t>& offsets) {
    const T* pa = a + offsets[0];
    const T* pb = b + offsets[1];
    R* py = y + out;
    if (sa == 1 && sb == 1) {
      for (int64_t i = 0; i < inner; ++i) py[i] = static_cast<R>(f(pa[i], pb[i]));
    } else if (sa == 1 && sb == 0) {
      const T vb = *pb;
      for (int64_t i = 0; i < inner; ++i) py[i] = static_cast<R>(f(pa[i], vb));
    } else if (sa == 0 && sb == 1) {
      const T va = *pa;
      for (int64_t i = 0; i < inner; ++i) py[i] = static_cast<R>(f(va, pb[i]));
    } else {
      for (int64_t i = 0; i < inner; ++i) py[i] = static_cast<R>(f(pa[i * sa], pb[i * sb]));
    }
  });
}

// y = x, broadcast to `shape`.
template <class T>
void broadcast_copy(const Shape& shape, const Shape& x_shape, const T* x, T* y) {
  const StridedWalk walk = broadcast_walk(shape, {x_shape});
  const int64_t inner = walk.shape.back(), step = walk.strides[0].back();
  for_each_row(walk, [&](int64_t out, const std::vector<int64_t>& offsets) {
    for (int64_t i = 0; i < inner; ++i) y[out + i] = x[offsets[0] + i * step];
  });
}

// y, dense or with strides, gets the elements of x that the strides visit.
template <class T>
void copy_strided(const Shape& shape, const T* x, const std::vector<int64_t>& x_strides, T* y,
                  const std::vector<int64_t>& y_strides) {
  const StridedWalk walk = merge_axes(shape, {x_strides, y_strides});
  const int64_t inner = walk.shape.back();
  const int64_t sx = walk.strides[0].back();
  const int64_t sy = walk.strides[1].back();
  for_each_row(walk, [&](int64_t, const std::vector<int64_t>& offsets) {
    const T* px = x + offsets[0];
    T* py = y + offsets[1];
    if (sx == 1 && sy == 1) {
      std::copy_n(px, inner, py);
    } else {
      for (int64_t i = 0; i < inner; ++i) py[i * sy] = px[i * sx];
    }
  });
}

}  // namespace weq::convert
