// What 256-bit files share of the vector type that window_body.h and window_sinks.h are written
// for.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace weq::kernels {
namespace {

// Vectors of 8 sums; 32 channels of a block.
struct YmmBase {
  using Reg = __m256i;
  static constexpr ptrdiff_t kBytes = 32;
  static Reg zero() { return _mm256_setzero_si256(); }
  static Reg load(const void* from) { return _mm256_load_si256(static_cast<const Reg*>(from)); }
  static Reg loadu(const void* from) { return _mm256_loadu_si256(static_cast<const Reg*>(from)); }
  static void store(void* to, Reg x) { _mm256_store_si256(static_cast<Reg*>(to), x); }
  static Reg unpack_low8(Reg a, Reg b) { return _mm256_unpacklo_epi8(a, b); }
  static Reg unpack_high8(Reg a, Reg b) { return _mm256_unpackhi_epi8(a, b); }
  static Reg unpack_low16(Reg a, Reg b) { return _mm256_unpacklo_epi16(a, b); }
  static Reg unpack_high16(Reg a, Reg b) { return _mm256_unpackhi_epi16(a, b); }

  static Reg set32(int32_t x) { return _mm256_set1_epi32(x); }
  static Reg set16(int32_t x) { return _mm256_set1_epi16(static_cast<short>(x)); }
  static Reg set8(int32_t x) { return _mm256_set1_epi8(static_cast<char>(x)); }
  static Reg add32(Reg a, Reg b) { return _mm256_add_epi32(a, b); }
  static Reg multiply32(Reg a, Reg b) { return _mm256_mullo_epi32(a, b); }
  static Reg shift32(Reg x, Reg by) { return _mm256_srav_epi32(x, by); }
  static Reg float_bits(Reg x) { return _mm256_castps_si256(_mm256_cvtepi32_ps(x)); }
  static Reg pack32(Reg a, Reg b) { return _mm256_packs_epi32(a, b); }
  static Reg pack16(Reg a, Reg b) { return _mm256_packus_epi16(a, b); }
  static Reg subtract16(Reg a, Reg b) { return _mm256_sub_epi16(a, b); }
  static Reg min8(Reg a, Reg b) { return _mm256_min_epu8(a, b); }
  static Reg max8(Reg a, Reg b) { return _mm256_max_epu8(a, b); }

  static void store_in_order(int32_t* to, Reg a, Reg b, Reg c, Reg d) {
    store(to, _mm256_permute2x128_si256(a, b, 0x20));
    store(to + 8, _mm256_permute2x128_si256(c, d, 0x20));
    store(to + 16, _mm256_permute2x128_si256(a, b, 0x31));
    store(to + 24, _mm256_permute2x128_si256(c, d, 0x31));
  }
};

}  // namespace
}  // namespace weq::kernels
