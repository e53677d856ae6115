// From 64 values v to 64 stored bytes, one class per ThresholdForm. The including file defines
//     __m512i lookup128(__m512i index, __m512i low, __m512i high)
// (bytes of a 128-entry table, bit 7 of an index ignored) in its anonymous namespace first. Shifts
// take a count a lane, because shifts by one count share the unit of the products (Zen 4).
#include "kernels/requantize/requantize.h"

namespace weq::kernels {
namespace {

struct Quads {
  __m512i a, b, c, d;  // 16 channels each
};

// 64 int32 in the order of channels to 64 bytes, saturated to 0..255.
__m512i in_order(__m512i packed) {
  const __m512i transpose = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(transpose, packed);
}

__m512i lookup256(__m512i index, const uint8_t* table) {
  const __m512i below = lookup128(index, _mm512_loadu_si512(table), _mm512_loadu_si512(table + 64));
  const __m512i above =
      lookup128(index, _mm512_loadu_si512(table + 128), _mm512_loadu_si512(table + 192));
  return _mm512_mask_mov_epi8(below, _mm512_movepi8_mask(index), above);
}

__m512i codes_to_bytes(__m512i codes, const Thresholds& t) {
  return t.store_is_code ? codes : lookup256(codes, t.store);
}

class LinearForm {
 public:
  explicit LinearForm(const Thresholds& t)
      : t_(t),
        round_(_mm512_set1_epi32(t.round)),
        low_(_mm512_set1_epi8(static_cast<char>(t.low))),
        high_(_mm512_set1_epi8(static_cast<char>(t.high))),
        shift_(_mm512_set1_epi32(t.shift)) {}

  __m512i bytes(const Quads& v) const {
    const __m512i ab = _mm512_packs_epi32(shifted(v.a), shifted(v.b));
    const __m512i cd = _mm512_packs_epi32(shifted(v.c), shifted(v.d));
    const __m512i codes = in_order(_mm512_packus_epi16(ab, cd));
    return codes_to_bytes(_mm512_min_epu8(_mm512_max_epu8(codes, low_), high_), t_);
  }

 private:
  __m512i shifted(__m512i v) const {
    return _mm512_srav_epi32(_mm512_add_epi32(v, round_), shift_);
  }
  const Thresholds& t_;
  __m512i round_, low_, high_;
  __m512i shift_;
};

class GridForm {
 public:
  explicit GridForm(const Thresholds& t)
      : base_(_mm512_set1_epi16(static_cast<short>(t.base))),
        table_low_(_mm512_loadu_si512(t.table)),
        table_high_(_mm512_loadu_si512(t.table + 64)),
        shift_(_mm512_set1_epi32(t.grid_shift)) {}

  __m512i bytes(const Quads& v) const {
    const __m512i ab = _mm512_sub_epi16(_mm512_packs_epi32(cell(v.a), cell(v.b)), base_);
    const __m512i cd = _mm512_sub_epi16(_mm512_packs_epi32(cell(v.c), cell(v.d)), base_);
    const __m512i index = _mm512_min_epu8(_mm512_packus_epi16(ab, cd), _mm512_set1_epi8(127));
    return in_order(lookup128(index, table_low_, table_high_));
  }

 private:
  __m512i cell(__m512i v) const {
    return _mm512_srav_epi32(_mm512_castps_si512(_mm512_cvtepi32_ps(v)), shift_);
  }
  __m512i base_, table_low_, table_high_;
  __m512i shift_;
};

class SignedGridForm {
 public:
  explicit SignedGridForm(const Thresholds& t) : t_(t), shift_(_mm512_set1_epi32(t.grid_shift)) {}

  __m512i bytes(const Quads& v) const {
    const __m512i ab = _mm512_packs_epi32(cell(v.a), cell(v.b));
    const __m512i cd = _mm512_packs_epi32(cell(v.c), cell(v.d));
    const __mmask64 negative =
        _cvtu64_mask64(signs(v.a) | signs(v.b) << 16 | signs(v.c) << 32 | signs(v.d) << 48);
    const __m512i above = in_order(look_up(ab, cd, t_.base, t_.table));
    const __m512i below = in_order(look_up(ab, cd, t_.base_negative, t_.table_negative));
    return _mm512_mask_mov_epi8(above, negative, below);
  }

 private:
  __m512i cell(__m512i v) const {
    const __m512i bits = _mm512_castps_si512(_mm512_cvtepi32_ps(v));
    return _mm512_srlv_epi32(_mm512_and_si512(bits, _mm512_set1_epi32(0x7fffffff)), shift_);
  }
  static uint64_t signs(__m512i v) { return _cvtmask16_u32(_mm512_movepi32_mask(v)); }
  static __m512i look_up(__m512i ab, __m512i cd, int32_t base, const uint8_t* table) {
    const __m512i first = _mm512_set1_epi16(static_cast<short>(base));
    const __m512i index = _mm512_min_epu8(
        _mm512_packus_epi16(_mm512_sub_epi16(ab, first), _mm512_sub_epi16(cd, first)),
        _mm512_set1_epi8(127));
    return lookup128(index, _mm512_loadu_si512(table), _mm512_loadu_si512(table + 64));
  }
  const Thresholds& t_;
  __m512i shift_;
};

// Binary search: four steps over every sixteenth threshold, four within the sixteen. The list is
// filled up with INT32_MAX; who passes the filling passes all thresholds, so the minimum is right.
class SearchForm {
 public:
  explicit SearchForm(const Thresholds& t) : t_(t) {
    for (int32_t k = 0; k < 256; ++k) padded_[k] = k < t.count ? t.values[k] : INT32_MAX;
    alignas(64) int32_t every16[16];
    for (int32_t i = 0; i < 16; ++i) every16[i] = padded_[16 * i + 15];
    coarse_ = _mm512_load_si512(every16);
    fine_ = _mm512_load_si512(padded_);
  }

  __m512i bytes(const Quads& v) const {
    const __m512i ab = _mm512_packs_epi32(passed(v.a), passed(v.b));
    const __m512i cd = _mm512_packs_epi32(passed(v.c), passed(v.d));
    return codes_to_bytes(in_order(_mm512_packus_epi16(ab, cd)), t_);
  }

 private:
  __m512i passed(__m512i v) const {
    __m512i position = _mm512_setzero_si512();
    if (t_.count > 15) {
      for (int32_t step = 8; step > 0; step /= 2) {
        const __m512i at = _mm512_add_epi32(position, _mm512_set1_epi32(step - 1));
        position = advance(v, position, _mm512_permutexvar_epi32(at, coarse_), step);
      }
      position = _mm512_slli_epi32(position, 4);
      for (int32_t step = 8; step > 0; step /= 2) {
        const __m512i at = _mm512_add_epi32(position, _mm512_set1_epi32(step - 1));
        position = advance(v, position, _mm512_i32gather_epi32(at, padded_, 4), step);
      }
    } else {
      for (int32_t step = 8; step > 0; step /= 2) {
        const __m512i at = _mm512_add_epi32(position, _mm512_set1_epi32(step - 1));
        position = advance(v, position, _mm512_permutexvar_epi32(at, fine_), step);
      }
    }
    return _mm512_min_epi32(position, _mm512_set1_epi32(t_.count));
  }
  static __m512i advance(__m512i v, __m512i position, __m512i threshold, int32_t step) {
    return _mm512_mask_add_epi32(position, _mm512_cmpge_epi32_mask(v, threshold), position,
                                 _mm512_set1_epi32(step));
  }
  const Thresholds& t_;
  alignas(64) int32_t padded_[256];
  __m512i coarse_, fine_;
};

}  // namespace
}  // namespace weq::kernels
