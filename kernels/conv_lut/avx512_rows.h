// Tables of at most 32 entries that are sums of rows of two: an index holds the distance of each
// row from its table's first, 16 bits each.
#pragma once

#include "kernels/conv_lut/avx512_words.h"

namespace weq::kernels {
namespace {

// A row of 32 or 16 bytes, as many as there are entries. No weight index reaches beyond.
struct Row32 {
  static constexpr int32_t kShift = 5, kBytes = 1 << kShift;
  static Vec sum(const uint8_t* a, const uint8_t* b) {
    return _mm512_castsi256_si512(
        _mm256_add_epi8(_mm256_load_si256(reinterpret_cast<const __m256i*>(a)),
                        _mm256_load_si256(reinterpret_cast<const __m256i*>(b))));
  }
};
struct Row16 {
  static constexpr int32_t kShift = 4, kBytes = 1 << kShift;
  static Vec sum(const uint8_t* a, const uint8_t* b) {
    return _mm512_castsi128_si512(
        _mm_add_epi8(_mm_load_si128(reinterpret_cast<const __m128i*>(a)),
                     _mm_load_si128(reinterpret_cast<const __m128i*>(b))));
  }
};

constexpr int32_t kIndexBytes = 4;

template <class Row>
inline Vec sum_rows(const uint8_t* first, const uint8_t* second, const uint8_t* index) {
  uint32_t rows;
  __builtin_memcpy(&rows, index, sizeof(rows));
  return Row::sum(first + (rows & 0xFFFF), second + size_t{rows >> 16});
}

// Stores the indices of 64 groups from the numbers of their rows, those of `lanes`.
template <class Row, int kPart = 0>
inline void put_rows(__m512i first, __m512i second, __mmask64 lanes, uint8_t* index) {
  const auto here = static_cast<__mmask16>(lanes >> 16 * kPart);
  if (here == 0) return;
  const __m512i low = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(first, kPart));
  const __m512i high = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(second, kPart));
  _mm512_mask_storeu_epi32(index + 64 * kPart, here,
                           _mm512_or_si512(_mm512_slli_epi32(low, Row::kShift),
                                           _mm512_slli_epi32(high, 16 + Row::kShift)));
  if constexpr (kPart < 3) put_rows<Row, kPart + 1>(first, second, lanes, index);
}

}  // namespace
}  // namespace weq::kernels
