// What becomes of the four vectors of sums of a pixel (window.h): bytes by a linear or a grid form,
// or a row of the tile. First two vectors are joined as a pair, then two pairs are put. The
// including file defines vector types V and Lookup<V>, a table of bytes of which the last of 128
// entries stands for all indices above.
#pragma once

#include "kernels/conv_depthwise/window.h"

namespace weq::kernels {
namespace {

template <class V>
struct Scale {
  typename V::Reg multiplier, addend;
};

// Of vector kV.
template <class V, int32_t kV>
inline Scale<V> scale_of(const WindowConstants& constants) {
  constexpr ptrdiff_t kAt = kV * V::kBytes / ptrdiff_t{sizeof(int32_t)};
  Scale<V> scale = {V::load(constants.multiplier + kAt), V::load(constants.addend + kAt)};
  V::keep(scale.multiplier), V::keep(scale.addend);
  return scale;
}

template <class V>
void fold_start_of(int32_t round, WindowConstants* constants) {
  constexpr ptrdiff_t kStep = V::kBytes / ptrdiff_t{sizeof(int32_t)};
  for (int32_t v = 0; v < 4; ++v) {
    const auto product = V::multiply32(V::loadu(constants->start + v * kStep),
                                       V::loadu(constants->multiplier + v * kStep));
    const auto addend = V::loadu(constants->addend + v * kStep);
    V::store(constants->addend + v * kStep, V::add32(V::add32(addend, product), V::set32(round)));
  }
}

template <class V>
class LinearSink {
 public:
  using Reg = typename V::Reg;
  using Pair = Reg;
  explicit LinearSink(const Thresholds& t)
      : low_(V::set8(t.low)), high_(V::set8(t.high)), shift_(V::set32(t.shift)) {}
  template <int32_t kV>
  static Scale<V> scale(const WindowConstants& constants) {
    return scale_of<V, kV>(constants);
  }
  Reg scaled(Reg sum, const Scale<V>& by) const {
    return V::shift32(V::add32(V::multiply32(sum, by.multiplier), by.addend), shift_);
  }
  static Reg pair(Reg a, Reg b) { return V::pack32(a, b); }
  __attribute__((always_inline)) void put(const WindowStrip& s, int32_t row, int32_t pixel, Reg ab,
                                          Reg cd) const {
    const Reg codes = V::pack16(ab, cd);
    V::store_channels(s.bytes + row * s.row + pixel * s.pixel, V::min8(V::max8(codes, low_), high_),
                      s.channels);
  }

 private:
  Reg low_, high_;
  Reg shift_;
};

template <class V>
class GridSink {
 public:
  using Reg = typename V::Reg;
  using Pair = Reg;
  explicit GridSink(const Thresholds& t)
      : base_(V::set16(t.base)), lookup_(t.table), shift_(V::set32(t.grid_shift)) {}
  template <int32_t kV>
  static Scale<V> scale(const WindowConstants& constants) {
    return scale_of<V, kV>(constants);
  }
  // The cell of the grid.
  Reg scaled(Reg sum, const Scale<V>& by) const {
    const Reg v = V::add32(V::multiply32(sum, by.multiplier), by.addend);
    return V::shift32(V::float_bits(v), shift_);
  }
  Reg pair(Reg a, Reg b) const { return V::subtract16(V::pack32(a, b), base_); }
  __attribute__((always_inline)) void put(const WindowStrip& s, int32_t row, int32_t pixel, Reg ab,
                                          Reg cd) const {
    V::store_channels(s.bytes + row * s.row + pixel * s.pixel, lookup_(V::pack16(ab, cd)),
                      s.channels);
  }

 private:
  Reg base_;
  Lookup<V> lookup_;
  Reg shift_;
};

template <class V>
class TileSink {
 public:
  using Reg = typename V::Reg;
  struct Pair {
    Reg first, second;
  };
  explicit TileSink(const Thresholds&) {}
  template <int32_t kV>
  static Reg scale(const WindowConstants& constants) {
    return V::load(constants.start + kV * V::kBytes / ptrdiff_t{sizeof(int32_t)});
  }
  static Reg scaled(Reg sum, Reg start) { return V::add32(sum, start); }
  static Pair pair(Reg a, Reg b) { return {a, b}; }
  __attribute__((always_inline)) void put(const WindowStrip& s, int32_t row, int32_t pixel, Pair ab,
                                          Pair cd) const {
    V::store_in_order(s.acc + (ptrdiff_t{row} * s.pixels + pixel) * V::kBytes, ab.first, ab.second,
                      cd.first, cd.second);
  }
};

}  // namespace
}  // namespace weq::kernels
