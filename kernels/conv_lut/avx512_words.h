// What the AVX-512 files of conv_lut share: the byte sums of 64 output channels, their 16-bit sums,
// and the codes of the channels of a group.
#pragma once

#include <immintrin.h>

#include "kernels/conv_lut/layout.h"
#include "kernels/conv_lut/runs.h"

namespace weq::kernels {
namespace {

using Vec = __m512i;

// Sums of even and odd bytes: `even` also collects the odd ones times 256, taken off at the end.
struct Words {
  __m512i even, odd;
};

inline Vec zero() { return _mm512_setzero_si512(); }
inline Words zero_words() { return {zero(), zero()}; }
inline Vec lookup(Vec sums, Vec weights) { return _mm512_permutexvar_epi8(weights, sums); }
inline Vec load(const uint8_t* p) { return _mm512_load_si512(p); }
// In place: the compiler would copy every sum once per lookup or run.
inline void add8(Vec a, Vec* sum) { asm("vpaddb %1, %0, %0" : "+v"(*sum) : "v"(a)); }
inline void add16(Vec a, Vec* sum) { asm("vpaddw %1, %0, %0" : "+v"(*sum) : "v"(a)); }

inline void widen(Vec bytes, Words* words) {
  add16(bytes, &words->even);
  add16(_mm512_srli_epi16(bytes, 8), &words->odd);
}

inline void store_half(__m512i words, const int32_t* addend, int32_t* to) {
  const __m512i low = _mm512_cvtepu16_epi32(_mm512_castsi512_si256(words));
  const __m512i high = _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(words, 1));
  _mm512_store_si512(to, _mm512_add_epi32(low, _mm512_load_si512(addend)));
  _mm512_store_si512(to + 16, _mm512_add_epi32(high, _mm512_load_si512(addend + 16)));
}

// to[c] = addend[c] + sum of channel c, for 64 channels.
inline void store_words(const Words& words, const int32_t* addend, int32_t* to) {
  store_half(_mm512_sub_epi16(words.even, _mm512_slli_epi16(words.odd, 8)), addend, to);
  store_half(words.odd, addend + 32, to + 32);
}

inline __mmask64 first_lanes(int32_t count) {
  if (count <= 0) return 0;
  return count >= 64 ? ~__mmask64{0} : (__mmask64{1} << count) - 1;
}

// The bytes of 64 groups of channels, by a table of 64 entries counted from the first code's byte.
class GroupBytes {
 public:
  GroupBytes(const ConvProblem& problem, int32_t lookups)
      : in_c_(problem.shape.in_c), lookups_(lookups) {
    const LevelMap& map = *problem.input;
    base_ = map.byte_of_code[0];
    for (int32_t code = 0; code < map.codes; ++code) {
      codes_[map.byte_of_code[code] - base_] = static_cast<uint8_t>(code);
    }
    missing_ = lut_missing_byte(map);
  }
  static const char* refuse(const LevelMap& map) {
    const int32_t span = map.byte_of_code[map.codes - 1] - map.byte_of_code[0];
    return span < 64 ? nullptr : "stored bytes span more than 64";
  }

  __m512i codes() const { return _mm512_load_si512(codes_); }
  // Lanes of the groups j, j + 1... that exist, and of those whose channel `i` does.
  __mmask64 lanes(int32_t j) const { return first_lanes(lookups_ - j); }
  __mmask64 lanes(int32_t j, int32_t i) const {
    return lanes(j) & first_lanes(in_c_ - i * lookups_ - j);
  }
  // `table` at channel i of these groups; `pixel` is the byte of the first group's channel 0.
  __m512i look_up(const uint8_t* pixel, int32_t i, __mmask64 lanes, __m512i table) const {
    const __m512i missing = _mm512_set1_epi8(static_cast<char>(missing_));
    const __m512i bytes = _mm512_mask_loadu_epi8(missing, lanes, pixel + ptrdiff_t{i} * lookups_);
    return _mm512_permutexvar_epi8(
        _mm512_sub_epi8(bytes, _mm512_set1_epi8(static_cast<char>(base_))), table);
  }

 private:
  alignas(64) uint8_t codes_[64] = {};
  int32_t in_c_, lookups_;
  uint8_t base_ = 0, missing_ = 0;
};

}  // namespace
}  // namespace weq::kernels
