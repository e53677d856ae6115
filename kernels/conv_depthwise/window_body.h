// Strips of depthwise windows (window.h), for every instruction set. The including file defines in
// its anonymous namespace, before:
//   vector types V   Reg, kBytes, load, store, the unpacks, zero
//   Products<V>      Quad and Weights with load; add(sum, quad, weights); finish(sum)
//   sinks            Linear<V>, Grid<V>: put(sums, strip, row, pixel)
#pragma once

#include <utility>

#include "kernels/conv_depthwise/window.h"

namespace weq::kernels {
namespace {

// Columns of quads, made in order.
template <class V, int32_t kLayers>
class Columns {
 public:
  explicit Columns(const WindowStrip& s) : quads_(s.quads), strip_(s) {
    for (int32_t i = 0; i < 4 * kLayers; ++i) from_[i] = s.rows[i];
  }

  __attribute__((always_inline)) void make_until(int32_t end) {
    if (done_ >= strip_.left && end <= strip_.end) {
      for (; done_ < end; ++done_) inside();
    } else {
      make_at_edge(end);
    }
  }

 private:
  __attribute__((noinline)) void make_at_edge(int32_t end) {
    for (; done_ < end; ++done_) {
      if (done_ >= strip_.left && done_ < strip_.end) {
        inside();
      } else {
        for (int32_t layer = 0; layer < kLayers; ++layer) {
          interleave(strip_.pad, strip_.pad, strip_.pad, strip_.pad);
        }
      }
    }
  }
  __attribute__((always_inline)) void inside() {
    for (int32_t layer = 0; layer < kLayers; ++layer) {
      const uint8_t** from = from_ + 4 * layer;
      const ptrdiff_t* steps = strip_.steps + 4 * layer;
      interleave(from[0], from[1], from[2], from[3]);
      advance(from[0], steps[0]);
      advance(from[1], steps[1]);
      advance(from[2], steps[2]);
      advance(from[3], steps[3]);
    }
  }
  // The compiler would keep the four pointers in a vector and take them out again.
  static void advance(const uint8_t*& from, ptrdiff_t step) {
    asm("add %1, %0" : "+r"(from) : "rm"(step));
  }
  __attribute__((always_inline)) void interleave(const uint8_t* row0, const uint8_t* row1,
                                                 const uint8_t* row2, const uint8_t* row3) {
    auto a = V::loadu(row0), b = V::loadu(row1), c = V::loadu(row2), d = V::loadu(row3);
    V::keep(a), V::keep(b), V::keep(c), V::keep(d);
    const auto ab_low = V::unpack_low8(a, b), ab_high = V::unpack_high8(a, b);
    const auto cd_low = V::unpack_low8(c, d), cd_high = V::unpack_high8(c, d);
    V::store(quads_, V::unpack_low16(ab_low, cd_low));
    V::store(quads_ + V::kBytes, V::unpack_high16(ab_low, cd_low));
    V::store(quads_ + 2 * V::kBytes, V::unpack_low16(ab_high, cd_high));
    V::store(quads_ + 3 * V::kBytes, V::unpack_high16(ab_high, cd_high));
    quads_ += 4 * V::kBytes;
  }

  const uint8_t* from_[4 * kLayers];
  uint8_t* quads_;
  int32_t done_ = 0;
  const WindowStrip& strip_;
};

// What the templates below know of a window.
template <int32_t kSizeOf, int32_t kStrideOf>
struct Window {
  static constexpr int32_t kSize = kSizeOf, kStride = kStrideOf;
  static constexpr int32_t kLayers = window_layers(kSize);
  static constexpr int32_t kShifts = window_shifts(kSize, kStride);
  static constexpr bool touches(int32_t layer, int32_t shift) {
    return shift * kStride < 4 * layer + 4 && shift * kStride + kSize > 4 * layer;
  }
};

// One column of the window for kPixels pixels: sums[pixel * shifts + shift].
template <class P, class W, int32_t kLayer, int32_t kColumn, int32_t kShift0, size_t... kS,
          size_t... kP>
__attribute__((always_inline)) inline void add_column(typename P::Reg* sums,
                                                      const typename P::Quad* quads,
                                                      const int8_t* weights,
                                                      std::index_sequence<kS...>,
                                                      std::index_sequence<kP...>) {
  const auto one_shift = [&](auto shift) __attribute__((always_inline)) {
    constexpr int32_t kShift = kShift0 + int32_t(decltype(shift)::value);
    if constexpr (W::touches(kLayer, kShift)) {
      const typename P::Weights w = P::weights(
          weights + ((kLayer * W::kSize + kColumn) * W::kShifts + kShift) * P::kWeightBytes);
      (P::add(sums[kP * sizeof...(kS) + decltype(shift)::value],
              quads[kColumn + int32_t(kP) * W::kStride], w),
       ...);
    }
  };
  (one_shift(std::integral_constant<size_t, kS>()), ...);
}

template <class P, class W, int32_t kLayer, int32_t kShift0, size_t kShiftCount, size_t kPixels,
          size_t... kQ, size_t... kX>
__attribute__((always_inline)) inline void add_layer(typename P::Reg* sums, const uint8_t* from,
                                                     const int8_t* weights,
                                                     std::index_sequence<kQ...>,
                                                     std::index_sequence<kX...>) {
  constexpr ptrdiff_t kColumnBytes = ptrdiff_t{W::kLayers} * 4 * P::V::kBytes;
  const typename P::Quad quads[] = {
      P::quad(from + ptrdiff_t(kQ) * kColumnBytes + kLayer * 4 * P::V::kBytes)...};
  (add_column<P, W, kLayer, int32_t(kX), kShift0>(sums, quads, weights,
                                                  std::make_index_sequence<kShiftCount>(),
                                                  std::make_index_sequence<kPixels>()),
   ...);
}

// Vector kV of the block, shifts kShift0 .. kShift0 + kShiftCount - 1.
template <class P, class W, int32_t kV, int32_t kShift0, size_t kShiftCount, size_t kPixels>
__attribute__((always_inline)) inline void sum_vector(typename P::Reg* sums, const uint8_t* quads,
                                                      const int8_t* weights) {
  constexpr int32_t kColumns = (int32_t(kPixels) - 1) * W::kStride + W::kSize;
  const uint8_t* from = quads + kV * P::V::kBytes;
  const int8_t* of_vector =
      weights + ptrdiff_t{kV} * W::kLayers * W::kSize * W::kShifts * P::kWeightBytes;
  constexpr auto columns = std::make_index_sequence<kColumns>();
  constexpr auto taps = std::make_index_sequence<W::kSize>();
  add_layer<P, W, 0, kShift0, kShiftCount, kPixels>(sums, from, of_vector, columns, taps);
  if constexpr (W::kLayers > 1) {
    add_layer<P, W, 1, kShift0, kShiftCount, kPixels>(sums, from, of_vector, columns, taps);
  }
}

// The same, scaled by the sink.
template <class P, class W, class Sink, int32_t kV, int32_t kShift0, size_t kShiftCount,
          size_t kPixels, size_t... kSum>
__attribute__((always_inline)) inline void scaled_vector(const WindowStrip& s, const Sink& sink,
                                                         const uint8_t* quads, typename P::Reg* to,
                                                         std::index_sequence<kSum...>) {
  typename P::Reg sums[] = {((void)kSum, P::V::zero())...};
  sum_vector<P, W, kV, kShift0, kShiftCount, kPixels>(sums, quads, s.weights);
  const auto scale = sink.template scale<kV>(*s.constants);
  ((to[kSum] = sink.scaled(P::finish(sums[kSum]), scale)), ...);
}

template <class P, class W, class Sink, int32_t kShift0, size_t kShiftCount, size_t kPixels,
          size_t... kSum>
__attribute__((always_inline)) inline void sum_and_put(const WindowStrip& s, const Sink& sink,
                                                       const uint8_t* quads, int32_t pixel,
                                                       std::index_sequence<kSum...> all) {
  typename P::Reg first[sizeof...(kSum)], second[sizeof...(kSum)];
  scaled_vector<P, W, Sink, 0, kShift0, kShiftCount, kPixels>(s, sink, quads, first, all);
  scaled_vector<P, W, Sink, 1, kShift0, kShiftCount, kPixels>(s, sink, quads, second, all);
  const typename Sink::Pair pairs[] = {sink.pair(first[kSum], second[kSum])...};
  scaled_vector<P, W, Sink, 2, kShift0, kShiftCount, kPixels>(s, sink, quads, first, all);
  scaled_vector<P, W, Sink, 3, kShift0, kShiftCount, kPixels>(s, sink, quads, second, all);
  (sink.put(s, kShift0 + int32_t(kSum % kShiftCount), pixel + int32_t(kSum / kShiftCount),
            pairs[kSum], sink.pair(first[kSum], second[kSum])),
   ...);
}

template <class P, class W, class Sink, int32_t kShift0, size_t kPixels>
__attribute__((always_inline)) inline void two_shifts(const WindowStrip& s, const Sink& sink,
                                                      const uint8_t* quads, int32_t pixel) {
  if (W::kShifts >= kShift0 + 2 && s.shifts >= kShift0 + 2) {
    sum_and_put<P, W, Sink, kShift0, 2, kPixels>(s, sink, quads, pixel,
                                                 std::make_index_sequence<2 * kPixels>());
  } else if (s.shifts > kShift0) {
    sum_and_put<P, W, Sink, kShift0, 1, kPixels>(s, sink, quads, pixel,
                                                 std::make_index_sequence<kPixels>());
  }
}

template <class P, class W, class Sink, size_t kPixels>
__attribute__((always_inline)) inline void sum_pixels(const WindowStrip& s, const Sink& sink,
                                                      int32_t pixel) {
  const uint8_t* quads = s.quads + ptrdiff_t{pixel} * W::kStride * W::kLayers * 4 * P::V::kBytes;
  two_shifts<P, W, Sink, 0, kPixels>(s, sink, quads, pixel);
  if constexpr (W::kShifts > 2) two_shifts<P, W, Sink, 2, kPixels>(s, sink, quads, pixel);
}

// Two pixels share a load of weights. Columns are made a step before they are needed, so that their
// way through memory is hidden.
template <class P, class W, class Sink>
__attribute__((noinline)) void run_window(const WindowStrip& s, const Sink& by_reference) {
  const Sink sink = by_reference;  // in registers
  Columns<typename P::V, W::kLayers> columns(s);
  const int32_t last = (s.pixels - 1) * W::kStride + W::kSize;
  int32_t next = W::kStride + W::kSize, pixel = 0;
  columns.make_until(next < last ? next : last);
  for (; pixel + 2 <= s.pixels; pixel += 2) {
    next += 2 * W::kStride;
    columns.make_until(next < last ? next : last);
    sum_pixels<P, W, Sink, 2>(s, sink, pixel);
  }
  if (pixel < s.pixels) sum_pixels<P, W, Sink, 1>(s, sink, pixel);
}

}  // namespace
}  // namespace weq::kernels
