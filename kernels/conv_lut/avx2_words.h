// What the AVX2 files of conv_lut share: the byte sums of 32 output channels and their 16-bit sums.
#pragma once

#include <immintrin.h>

#include "kernels/conv_lut/layout.h"
#include "kernels/conv_lut/runs.h"

namespace weq::kernels {
namespace {

using Vec = __m256i;

// Sums of even and odd bytes: `even` also collects the odd ones times 256, taken off at the end.
struct Words {
  __m256i even, odd;
};

inline Vec lookup(Vec sums, Vec weights) { return _mm256_shuffle_epi8(sums, weights); }
inline Vec zero() { return _mm256_setzero_si256(); }
inline Words zero_words() { return {zero(), zero()}; }
inline Vec load(const uint8_t* p) { return _mm256_load_si256(reinterpret_cast<const __m256i*>(p)); }
// In place: the compiler would copy every sum once per lookup or run.
inline void add8(Vec a, Vec* sum) { asm("vpaddb %1, %0, %0" : "+x"(*sum) : "x"(a)); }
inline void add16(Vec a, Vec* sum) { asm("vpaddw %1, %0, %0" : "+x"(*sum) : "x"(a)); }

inline void widen(Vec bytes, Words* words) {
  add16(bytes, &words->even);
  add16(_mm256_srli_epi16(bytes, 8), &words->odd);
}

inline void store_quarter(__m128i words, const int32_t* addend, int32_t* to) {
  const __m256i start = _mm256_load_si256(reinterpret_cast<const __m256i*>(addend));
  _mm256_store_si256(reinterpret_cast<__m256i*>(to),
                     _mm256_add_epi32(_mm256_cvtepu16_epi32(words), start));
}

inline void store_half(__m256i words, const int32_t* addend, int32_t* to) {
  store_quarter(_mm256_castsi256_si128(words), addend, to);
  store_quarter(_mm256_extracti128_si256(words, 1), addend + 8, to + 8);
}

// to[c] = addend[c] + sum of channel c, for 32 channels.
inline void store_words(const Words& words, const int32_t* addend, int32_t* to) {
  store_half(_mm256_sub_epi16(words.even, _mm256_slli_epi16(words.odd, 8)), addend, to);
  store_half(words.odd, addend + 16, to + 16);
}

}  // namespace
}  // namespace weq::kernels
