// Depthwise windows by vpdpbusd, 64 channels at a time, or 32 where no more are left. The including
// file defines lookup128 (bytes of a 128-entry table) for both widths in its anonymous namespace
// first.
#pragma once

#include <immintrin.h>

#include "kernels/conv_depthwise/window_body.h"
#include "kernels/conv_depthwise/window_ymm.h"

namespace weq::kernels {
namespace {

struct Zmm {
  using Reg = __m512i;
  static constexpr ptrdiff_t kBytes = 64;
  static Reg zero() { return _mm512_setzero_si512(); }
  static Reg load(const void* from) { return _mm512_load_si512(from); }
  static Reg loadu(const void* from) { return _mm512_loadu_si512(from); }
  static void store(void* to, Reg x) { _mm512_store_si512(to, x); }
  // Keeps the compiler from loading it twice.
  static void keep(Reg& x) { asm("" : "+v"(x)); }
  static Reg unpack_low8(Reg a, Reg b) { return _mm512_unpacklo_epi8(a, b); }
  static Reg unpack_high8(Reg a, Reg b) { return _mm512_unpackhi_epi8(a, b); }
  static Reg unpack_low16(Reg a, Reg b) { return _mm512_unpacklo_epi16(a, b); }
  static Reg unpack_high16(Reg a, Reg b) { return _mm512_unpackhi_epi16(a, b); }

  static Reg set32(int32_t x) { return _mm512_set1_epi32(x); }
  static Reg set16(int32_t x) { return _mm512_set1_epi16(static_cast<short>(x)); }
  static Reg set8(int32_t x) { return _mm512_set1_epi8(static_cast<char>(x)); }
  static Reg add32(Reg a, Reg b) { return _mm512_add_epi32(a, b); }
  static Reg multiply32(Reg a, Reg b) { return _mm512_mullo_epi32(a, b); }
  // By a vector of counts: on Zen 4 a count in a register takes the pipe of the multiplications.
  static Reg shift32(Reg x, Reg by) { return _mm512_srav_epi32(x, by); }
  static Reg float_bits(Reg x) { return _mm512_castps_si512(_mm512_cvtepi32_ps(x)); }
  static Reg pack32(Reg a, Reg b) { return _mm512_packs_epi32(a, b); }
  static Reg pack16(Reg a, Reg b) { return _mm512_packus_epi16(a, b); }
  static Reg subtract16(Reg a, Reg b) { return _mm512_sub_epi16(a, b); }
  static Reg min8(Reg a, Reg b) { return _mm512_min_epu8(a, b); }
  static Reg max8(Reg a, Reg b) { return _mm512_max_epu8(a, b); }

  static void store_channels(uint8_t* to, Reg x, int32_t channels) {
    if (channels == 64) {
      _mm512_storeu_si512(to, x);
    } else {
      _mm512_mask_storeu_epi8(to, _cvtu64_mask64((uint64_t{1} << channels) - 1), x);
    }
  }
  // 16 lanes of 4 channels each to the order of channels.
  static void store_in_order(int32_t* to, Reg a, Reg b, Reg c, Reg d) {
    const Reg ab_even = _mm512_shuffle_i32x4(a, b, 0x88), ab_odd = _mm512_shuffle_i32x4(a, b, 0xdd);
    const Reg cd_even = _mm512_shuffle_i32x4(c, d, 0x88), cd_odd = _mm512_shuffle_i32x4(c, d, 0xdd);
    store(to, _mm512_shuffle_i32x4(ab_even, cd_even, 0x88));
    store(to + 16, _mm512_shuffle_i32x4(ab_odd, cd_odd, 0x88));
    store(to + 32, _mm512_shuffle_i32x4(ab_even, cd_even, 0xdd));
    store(to + 48, _mm512_shuffle_i32x4(ab_odd, cd_odd, 0xdd));
  }
};

struct Ymm : YmmBase {
  // Keeps the compiler from loading it twice.
  static void keep(Reg& x) { asm("" : "+v"(x)); }
  static void store_channels(uint8_t* to, Reg x, int32_t channels) {
    if (channels == 32) {
      _mm256_storeu_si256(reinterpret_cast<Reg*>(to), x);
    } else {
      _mm256_mask_storeu_epi8(to, _cvtu32_mask32((uint32_t{1} << channels) - 1), x);
    }
  }
};

template <class Vector>
struct Products {
  using V = Vector;
  using Reg = typename V::Reg;
  using Quad = Reg;
  using Weights = Reg;
  static constexpr ptrdiff_t kWeightBytes = V::kBytes;
  static Quad quad(const uint8_t* from) { return kept(V::load(from)); }
  static Weights weights(const int8_t* from) { return kept(V::load(from)); }
  static Reg kept(Reg x) {
    V::keep(x);
    return x;
  }
  // In place: the compiler copies accumulators around the intrinsic.
  static void add(Reg& sum, const Quad& bytes, const Weights& w) {
    asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(bytes), "v"(w));
  }
  static Reg finish(Reg sum) { return sum; }
};

inline __m512i widened(__m512i x) { return x; }
inline __m512i widened(__m256i x) { return _mm512_castsi256_si512(x); }
inline void narrow(__m512i x, __m512i* to) { *to = x; }
inline void narrow(__m512i x, __m256i* to) { *to = _mm512_castsi512_si256(x); }

template <class V>
class Lookup {
 public:
  explicit Lookup(const uint8_t* table)
      : low_(_mm512_loadu_si512(table)), high_(_mm512_loadu_si512(table + 64)) {}
  typename V::Reg operator()(typename V::Reg index) const {
    typename V::Reg found;
    narrow(lookup128(widened(V::min8(index, V::set8(127))), low_, high_), &found);
    return found;
  }

 private:
  __m512i low_, high_;
};

}  // namespace
}  // namespace weq::kernels

#include "kernels/conv_depthwise/window3_avx512.h"
#include "kernels/conv_depthwise/window_sinks.h"

namespace weq::kernels {
namespace {

template <class P, class Sink>
void run_window_of(const WindowStrip& s, const Sink& sink) {
  if (s.size == 3) {
    run_in_registers<P>(s, sink);
  } else if (s.stride == 1) {
    run_window<P, Window<5, 1>>(s, sink);
  } else {
    run_window<P, Window<5, 2>>(s, sink);
  }
}

template <template <class> class Sink>
void run_sink(const WindowStrip& s, const Thresholds& t) {
  if (s.width == kWindowBlock) {
    run_window_of<Products<Zmm>>(s, Sink<Zmm>(t));
  } else {
    run_window_of<Products<Ymm>>(s, Sink<Ymm>(t));
  }
}

void fold_start(int32_t round, int32_t width, WindowConstants* constants) {
  if (width == kWindowBlock) {
    fold_start_of<Zmm>(round, constants);
  } else {
    fold_start_of<Ymm>(round, constants);
  }
}

constexpr WindowKernels kKernels = {kWindowBlock, run_sink<LinearSink>, run_sink<GridSink>,
                                    run_sink<TileSink>, fold_start};

double cost(const ConvProblem& problem) {
  return window_cost(problem, kWindowBlock, 6.0, 1.25, 9.0);
}
size_t packed_bytes(const ConvProblem& problem) {
  return window_packed_bytes(problem, kWindowBlock, WindowLayout::kBytes);
}
void pack(const ConvProblem& problem, void* packed) {
  window_pack(problem, kWindowBlock, WindowLayout::kBytes, packed);
}
int64_t items(const ConvProblem& problem) { return window_items(problem, kWindowBlock); }
void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
  window_run(call, kKernels, WindowLayout::kBytes, begin, end, workspace);
}

}  // namespace
}  // namespace weq::kernels
