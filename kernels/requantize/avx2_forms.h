// How AVX2 finds the code of 32 values at a time: one class per ThresholdForm.
#pragma once

#include <immintrin.h>

#include "kernels/requantize/requantize.h"

namespace weq::kernels {
namespace {

struct Quads {
  __m256i a, b, c, d;  // 8 values each
};

inline __m256i in_order(__m256i packed) {
  return _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

// A table of up to 128 bytes by 16-byte shuffles. A part i is stored as its difference (xor) from
// part i - 1 and looked up by the index less 16 * i: above 127 (a part not reached) gives 0, the
// others add up to the entry. Parts after a constant one with the last byte of the table are left
// out.
class ByteTable {
 public:
  explicit ByteTable(const uint8_t* table) {
    const __m128i end = _mm_set1_epi8(static_cast<char>(table[127]));
    __m128i before = _mm_setzero_si128();
    parts_ = 0;
    bool constant = false;
    while (!constant && parts_ < 8) {
      const auto* from = reinterpret_cast<const __m128i*>(table + 16 * parts_);
      const __m128i here = _mm_loadu_si128(from);
      part_[parts_++] = _mm256_broadcastsi128_si256(_mm_xor_si128(here, before));
      before = here;
      constant = _mm_movemask_epi8(_mm_cmpeq_epi8(here, end)) == 0xffff;
    }
    last_ = _mm256_set1_epi8(static_cast<char>(16 * parts_ - 1));
  }

  // `index`: bytes 0..255, clamped here to the table.
  __m256i operator()(__m256i index) const {
    __m256i sixteen = _mm256_set1_epi8(16), left = _mm256_min_epu8(index, last_);
    asm("" : "+x"(sixteen));  // else one constant per part, and not enough registers
    __m256i found = _mm256_shuffle_epi8(part_[0], left);
    for (int32_t i = 1; i < parts_; ++i) {
      left = _mm256_sub_epi8(left, sixteen);
      found = _mm256_xor_si256(found, _mm256_shuffle_epi8(part_[i], left));
    }
    return found;
  }

 private:
  __m256i part_[8], last_;
  int32_t parts_ = 1;
};

// Each form turns 32 values v + addend() into bytes, in order: stored bytes, or codes that the
// caller looks up where kGivesCodes.
class LinearForm {
 public:
  explicit LinearForm(const Thresholds& t)
      : round_(t.round),
        low_(_mm256_set1_epi8(static_cast<char>(t.low))),
        high_(_mm256_set1_epi8(static_cast<char>(t.high))),
        shift_(_mm_cvtsi32_si128(t.shift)) {}

  static constexpr bool kGivesCodes = true;
  int32_t addend() const { return round_; }
  __m256i bytes(const Quads& v) const {
    const __m256i ab = _mm256_packs_epi32(shifted(v.a), shifted(v.b));
    const __m256i cd = _mm256_packs_epi32(shifted(v.c), shifted(v.d));
    const __m256i codes = _mm256_packus_epi16(ab, cd);
    return in_order(_mm256_min_epu8(_mm256_max_epu8(codes, low_), high_));
  }

 private:
  __m256i shifted(__m256i v) const { return _mm256_sra_epi32(v, shift_); }
  int32_t round_;
  __m256i low_, high_;
  __m128i shift_;
};

class GridForm {
 public:
  explicit GridForm(const Thresholds& t)
      : table_(t.table),
        base_(_mm256_set1_epi16(static_cast<short>(t.base))),
        shift_(_mm_cvtsi32_si128(t.grid_shift)) {}

  static constexpr bool kGivesCodes = false;
  static int32_t addend() { return 0; }
  __m256i bytes(const Quads& v) const {
    const __m256i ab = _mm256_sub_epi16(_mm256_packs_epi32(cell(v.a), cell(v.b)), base_);
    const __m256i cd = _mm256_sub_epi16(_mm256_packs_epi32(cell(v.c), cell(v.d)), base_);
    return in_order(table_(_mm256_packus_epi16(ab, cd)));
  }

 private:
  __m256i cell(__m256i v) const {
    return _mm256_sra_epi32(_mm256_castps_si256(_mm256_cvtepi32_ps(v)), shift_);
  }
  ByteTable table_;
  __m256i base_;
  __m128i shift_;
};

class SignedGridForm {
 public:
  explicit SignedGridForm(const Thresholds& t)
      : table_(t.table),
        table_negative_(t.table_negative),
        base_(_mm256_set1_epi16(static_cast<short>(t.base))),
        base_negative_(_mm256_set1_epi16(static_cast<short>(t.base_negative))),
        shift_(_mm_cvtsi32_si128(t.grid_shift)) {}

  static constexpr bool kGivesCodes = false;
  static int32_t addend() { return 0; }
  __m256i bytes(const Quads& v) const {
    const __m256i ab = _mm256_packs_epi32(cell(v.a), cell(v.b));
    const __m256i cd = _mm256_packs_epi32(cell(v.c), cell(v.d));
    // Saturating packs keep the sign.
    const __m256i negative =
        _mm256_packs_epi16(_mm256_packs_epi32(v.a, v.b), _mm256_packs_epi32(v.c, v.d));
    const __m256i above =
        table_(_mm256_packus_epi16(_mm256_sub_epi16(ab, base_), _mm256_sub_epi16(cd, base_)));
    const __m256i below = table_negative_(_mm256_packus_epi16(
        _mm256_sub_epi16(ab, base_negative_), _mm256_sub_epi16(cd, base_negative_)));
    return in_order(_mm256_blendv_epi8(above, below, negative));
  }

 private:
  __m256i cell(__m256i v) const {
    const __m256i bits = _mm256_castps_si256(_mm256_cvtepi32_ps(v));
    return _mm256_srl_epi32(_mm256_and_si256(bits, _mm256_set1_epi32(0x7fffffff)), shift_);
  }
  ByteTable table_, table_negative_;
  __m256i base_, base_negative_;
  __m128i shift_;
};

// Few thresholds: count comparisons. Many: binary search in a list filled up with INT32_MAX; who
// passes the filling passes all thresholds.
class SearchForm {
 public:
  explicit SearchForm(const Thresholds& t) : count_(t.count) {
    const int32_t end = count_ <= kFew ? count_ : 256;
    for (int32_t k = 0; k < end; ++k) padded_[k] = k < t.count ? t.values[k] : INT32_MAX;
    while (first_step_ <= t.count / 2) first_step_ *= 2;
  }

  static constexpr bool kGivesCodes = true;
  static int32_t addend() { return 0; }
  __m256i bytes(const Quads& v) const {
    const Quads p =
        count_ <= kFew ? counted(v) : Quads{found(v.a), found(v.b), found(v.c), found(v.d)};
    return in_order(
        _mm256_packus_epi16(_mm256_packs_epi32(p.a, p.b), _mm256_packs_epi32(p.c, p.d)));
  }

 private:
  static constexpr int32_t kFew = 40;
  Quads counted(const Quads& v) const {
    const __m256i all = _mm256_set1_epi32(count_);
    Quads p = {all, all, all, all};
    for (int32_t k = 0; k < count_; ++k) {
      const __m256i threshold = _mm256_set1_epi32(padded_[k]);
      p.a = _mm256_add_epi32(p.a, _mm256_cmpgt_epi32(threshold, v.a));
      p.b = _mm256_add_epi32(p.b, _mm256_cmpgt_epi32(threshold, v.b));
      p.c = _mm256_add_epi32(p.c, _mm256_cmpgt_epi32(threshold, v.c));
      p.d = _mm256_add_epi32(p.d, _mm256_cmpgt_epi32(threshold, v.d));
    }
    return p;
  }
  __m256i found(__m256i v) const {
    __m256i position = _mm256_setzero_si256();
    for (int32_t step = first_step_; step > 0; step /= 2) {
      const __m256i at = _mm256_add_epi32(position, _mm256_set1_epi32(step - 1));
      const __m256i below = _mm256_cmpgt_epi32(_mm256_i32gather_epi32(padded_, at, 4), v);
      position = _mm256_add_epi32(position, _mm256_andnot_si256(below, _mm256_set1_epi32(step)));
    }
    return _mm256_min_epi32(position, _mm256_set1_epi32(count_));
  }
  alignas(32) int32_t padded_[256];
  int32_t count_, first_step_ = 1;
};

}  // namespace
}  // namespace weq::kernels
