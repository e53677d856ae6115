// Windows of 3x3 with all quads in registers: a step of two pixels keeps the columns it shares with
// the next one. Needs the 32 registers of AVX-512.
#pragma once

#include "kernels/conv_depthwise/window_body.h"

namespace weq::kernels {
namespace {

template <class V>
struct Column {
  typename V::Reg a, b, c, d;  // quads of the four vectors
};

// Makes the columns of a strip in order. Outside the input they are those of the padding.
template <class V, int32_t kRows>
class ColumnWalk {
 public:
  explicit ColumnWalk(const WindowStrip& s)
      : row0_(s.rows[0]),
        row1_(s.rows[1]),
        row2_(s.rows[2]),
        row3_(s.rows[3]),
        pad_(s.pad),
        left_(s.left),
        end_(s.end),
        steps_(s.steps) {}

  __attribute__((always_inline)) Column<V> next() {
    const bool inside = x_ >= left_ && x_ < end_;
    ++x_;
    const auto a = read(&row0_, steps_[0], inside), b = read(&row1_, steps_[1], inside);
    const auto c = read(&row2_, steps_[2], inside);
    const auto d = kRows == 4 ? read(&row3_, steps_[3], inside) : c;
    const auto ab_low = V::unpack_low8(a, b), ab_high = V::unpack_high8(a, b);
    const auto cd_low = V::unpack_low8(c, d), cd_high = V::unpack_high8(c, d);
    return {V::unpack_low16(ab_low, cd_low), V::unpack_high16(ab_low, cd_low),
            V::unpack_low16(ab_high, cd_high), V::unpack_high16(ab_high, cd_high)};
  }

 private:
  __attribute__((always_inline)) typename V::Reg read(const uint8_t** row, ptrdiff_t step,
                                                      bool inside) {
    auto x = V::loadu(inside ? *row : pad_);
    V::keep(x);
    *row += inside ? step : 0;
    return x;
  }
  const uint8_t *row0_, *row1_, *row2_, *row3_, *pad_;
  int32_t x_ = 0, left_, end_;
  const ptrdiff_t* steps_;
};

// Sums of one vector for kPixels pixels and kShifts rows, scaled by the sink.
template <class P, class Sink, int32_t kV, int32_t kStride, int32_t kWeightShifts, size_t kPixels,
          size_t... kSum>
__attribute__((always_inline)) inline void scale_quads(const WindowStrip& s, const Sink& sink,
                                                       const typename P::Reg* quads,
                                                       typename P::Reg* to,
                                                       std::index_sequence<kSum...>) {
  constexpr size_t kShifts = sizeof...(kSum) / kPixels;
  const int8_t* weights = s.weights + ptrdiff_t{kV} * 3 * kWeightShifts * P::kWeightBytes;
  typename P::Reg sums[] = {((void)kSum, P::V::zero())...};
  const auto one_weight = [&](auto column, auto shift) __attribute__((always_inline)) {
    constexpr size_t kColumn = decltype(column)::value, kShift = decltype(shift)::value;
    if constexpr (kShift < kShifts) {
      const auto w = P::weights(weights + (kColumn * kWeightShifts + kShift) * P::kWeightBytes);
      P::add(sums[kShift], quads[kColumn], w);
      if constexpr (kPixels == 2) P::add(sums[kShifts + kShift], quads[kColumn + kStride], w);
    }
  };
  const std::integral_constant<size_t, 0> zero;
  const std::integral_constant<size_t, 1> one;
  const std::integral_constant<size_t, 2> two;
  one_weight(zero, zero), one_weight(zero, one), one_weight(one, zero);
  one_weight(one, one), one_weight(two, zero), one_weight(two, one);
  const auto scale = sink.template scale<kV>(*s.constants);
  ((to[kSum] = sink.scaled(sums[kSum], scale)), ...);
}

template <class P, class Sink, int32_t kStride, int32_t kWeightShifts, size_t kPixels,
          size_t... kSum, size_t... kC>
__attribute__((always_inline)) inline void put_pixels(const WindowStrip& s, const Sink& sink,
                                                      int32_t pixel,
                                                      const Column<typename P::V>* columns,
                                                      std::index_sequence<kSum...> all,
                                                      std::index_sequence<kC...>) {
  using Reg = typename P::Reg;
  constexpr size_t kShifts = sizeof...(kSum) / kPixels;
  const Reg a[] = {columns[kC].a...}, b[] = {columns[kC].b...};
  const Reg c[] = {columns[kC].c...}, d[] = {columns[kC].d...};
  Reg first[sizeof...(kSum)], second[sizeof...(kSum)];
  scale_quads<P, Sink, 0, kStride, kWeightShifts, kPixels>(s, sink, a, first, all);
  scale_quads<P, Sink, 1, kStride, kWeightShifts, kPixels>(s, sink, b, second, all);
  const typename Sink::Pair ab[] = {sink.pair(first[kSum], second[kSum])...};
  scale_quads<P, Sink, 2, kStride, kWeightShifts, kPixels>(s, sink, c, first, all);
  scale_quads<P, Sink, 3, kStride, kWeightShifts, kPixels>(s, sink, d, second, all);
  (sink.put(s, int32_t(kSum % kShifts), pixel + int32_t(kSum / kShifts), ab[kSum],
            sink.pair(first[kSum], second[kSum])),
   ...);
}

// Stride 1, kShifts rows.
template <class P, class Sink, size_t kShifts>
__attribute__((noinline)) void run_steps1(const WindowStrip& s, const Sink& by_reference) {
  const Sink sink = by_reference;  // in registers
  ColumnWalk<typename P::V, 4> walk(s);
  Column<typename P::V> first = walk.next(), second = walk.next();
  int32_t pixel = 0;
  for (; pixel + 2 <= s.pixels; pixel += 2) {
    const Column<typename P::V> columns[] = {first, second, walk.next(), walk.next()};
    put_pixels<P, Sink, 1, 2, 2>(s, sink, pixel, columns, std::make_index_sequence<2 * kShifts>(),
                                 std::make_index_sequence<4>());
    first = columns[2];
    second = columns[3];
  }
  if (pixel < s.pixels) {
    const Column<typename P::V> columns[] = {first, second, walk.next()};
    put_pixels<P, Sink, 1, 2, 1>(s, sink, pixel, columns, std::make_index_sequence<kShifts>(),
                                 std::make_index_sequence<3>());
  }
}

template <class P, class Sink>
__attribute__((noinline)) void run_steps2(const WindowStrip& s, const Sink& by_reference) {
  const Sink sink = by_reference;
  ColumnWalk<typename P::V, 3> walk(s);
  Column<typename P::V> first = walk.next();
  int32_t pixel = 0;
  for (; pixel + 2 <= s.pixels; pixel += 2) {
    const Column<typename P::V> columns[] = {first, walk.next(), walk.next(), walk.next(),
                                             walk.next()};
    put_pixels<P, Sink, 2, 1, 2>(s, sink, pixel, columns, std::make_index_sequence<2>(),
                                 std::make_index_sequence<5>());
    first = columns[4];
  }
  if (pixel < s.pixels) {
    const Column<typename P::V> columns[] = {first, walk.next(), walk.next()};
    put_pixels<P, Sink, 2, 1, 1>(s, sink, pixel, columns, std::make_index_sequence<1>(),
                                 std::make_index_sequence<3>());
  }
}

template <class P, class Sink>
void run_in_registers(const WindowStrip& s, const Sink& sink) {
  if (s.stride == 2) return run_steps2<P>(s, sink);
  if (s.shifts == 2) return run_steps1<P, Sink, 2>(s, sink);
  return run_steps1<P, Sink, 1>(s, sink);
}

}  // namespace
}  // namespace weq::kernels
