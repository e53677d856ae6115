// Tables of at most 32 entries that are sums of rows of several: an index holds the distance of
// each row from its table's first, 16 bits each.
#pragma once

#include "kernels/conv_lut/avx512_words.h"

namespace weq::kernels {
namespace {

constexpr int32_t kRowShift = 5, kRowBytes = 1 << kRowShift;

inline __m256i load_row(const uint8_t* from) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
}

// The sum of two rows. No weight index reaches the upper half.
inline Vec sum_rows(const uint8_t* first, const uint8_t* second, const uint8_t* index) {
  uint32_t rows;
  __builtin_memcpy(&rows, index, sizeof(rows));
  return _mm512_castsi256_si512(
      _mm256_add_epi8(load_row(first + (rows & 0xFFFF)), load_row(second + size_t{rows >> 16})));
}

// Of three; an index takes 8 bytes.
inline Vec sum_rows(const uint8_t* first, const uint8_t* second, const uint8_t* third,
                    const uint8_t* index) {
  uint16_t rows[3];
  __builtin_memcpy(rows, index, sizeof(rows));
  return _mm512_castsi256_si512(
      _mm256_add_epi8(_mm256_add_epi8(load_row(first + rows[0]), load_row(second + rows[1])),
                      load_row(third + rows[2])));
}

// Stores the indices of 64 groups from the numbers of their rows, those of `lanes`.
template <int kPart = 0>
inline void put_rows(__m512i first, __m512i second, __mmask64 lanes, uint8_t* index) {
  const auto here = static_cast<__mmask16>(lanes >> 16 * kPart);
  if (here == 0) return;
  const __m512i low = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(first, kPart));
  const __m512i high = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(second, kPart));
  _mm512_mask_storeu_epi32(
      index + 64 * kPart, here,
      _mm512_or_si512(_mm512_slli_epi32(low, kRowShift), _mm512_slli_epi32(high, 16 + kRowShift)));
  if constexpr (kPart < 3) put_rows<kPart + 1>(first, second, lanes, index);
}

// Of three rows.
template <int kPart = 0>
inline void put_rows(__m512i first, __m512i second, __m512i third, __mmask64 lanes,
                     uint8_t* index) {
  const auto here = static_cast<__mmask8>(lanes >> 8 * kPart);
  if (here == 0) return;
  const auto part = [](__m512i rows, unsigned shift) {
    const __m128i half = _mm512_extracti32x4_epi32(rows, kPart / 2);
    return _mm512_slli_epi64(
        _mm512_cvtepu8_epi64(kPart % 2 == 0 ? half : _mm_unpackhi_epi64(half, half)),
        shift + kRowShift);
  };
  _mm512_mask_storeu_epi64(
      index + 64 * kPart, here,
      _mm512_or_si512(_mm512_or_si512(part(first, 0), part(second, 16)), part(third, 32)));
  if constexpr (kPart < 7) put_rows<kPart + 1>(first, second, third, lanes, index);
}

}  // namespace
}  // namespace weq::kernels
