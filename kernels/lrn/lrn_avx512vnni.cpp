// 32 channels at a time: squares stay in registers, neighbours meet by permutes of two vectors, and
// the 128 factors of 16 bits lie in four registers. Windows of more than 17 channels take the plain
// loops.
#include <immintrin.h>

#include "kernels/lrn/lrn.h"

namespace weq::kernels {

#include "kernels/lrn/loops.inc"

namespace {

constexpr int32_t kMostNeighbours = 17;  // a vector and one lane of the next

inline __mmask32 first_lanes(int32_t count) {
  return count >= 32 ? ~__mmask32{0} : (__mmask32{1} << count) - 1;
}

struct Squares {
  __m512i low, high;  // 16 channels each
};

class Lrn {
 public:
  Lrn(int32_t channels, const LrnTerms& terms)
      : channels_(channels),
        size_(terms.size),
        before_((terms.size - 1) / 2),
        offset_(_mm512_set1_epi16(static_cast<short>(terms.map->offset))),
        // Any base outside this range clamps every cell to one end: no float has 2^12 cells.
        base_(_mm512_set1_epi32(terms.base < -kCells     ? -kCells
                                : terms.base > (1 << 12) ? 1 << 12
                                                         : terms.base)),
        round_(_mm512_set1_epi32(terms.pre_shift > 0 ? 1 << (terms.pre_shift - 1) : 0)),
        multiplier_(_mm512_set1_epi32(terms.multiplier)),
        addend_(_mm512_set1_epi32(terms.addend)),
        shift_(_mm_cvtsi32_si128(terms.pre_shift)) {
    for (int i = 0; i < 4; ++i) factors_[i] = _mm512_loadu_si512(terms.factors + 32 * i);
  }

  void pixel(const uint8_t* x, int32_t* v) const {
    Squares here = squares(x, -before_);
    for (int32_t c = 0; c < channels_; c += 32) {
      const Squares next = squares(x, c + 32 - before_);
      const __m512i factor =
          look_up(cell(sum(here.low, here.high)), cell(sum(here.high, next.low)));
      const __m512i level = levels(x, c);
      store(half<0>(level, factor), channels_ - c, v + c);
      store(half<1>(level, factor), channels_ - c - 16, v + c + 16);
      here = next;
    }
  }

 private:
  // Levels of 32 channels from number `first` on, 0 for those that do not exist.
  __m512i levels(const uint8_t* x, int32_t first) const {
    if (first >= channels_) return _mm512_setzero_si512();
    const __mmask32 lanes = first_lanes(channels_ - first) & ~first_lanes(first < 0 ? -first : 0);
    const __m512i bytes = _mm512_cvtepu8_epi16(_mm256_maskz_loadu_epi8(lanes, x + first));
    return _mm512_maskz_sub_epi16(lanes, bytes, offset_);
  }
  Squares squares(const uint8_t* x, int32_t first) const {
    const __m512i level = levels(x, first);
    const __m512i words = _mm512_mullo_epi16(level, level);  // < 2^16
    return {_mm512_cvtepu16_epi32(_mm512_castsi512_si256(words)),
            _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(words, 1))};
  }
  // Lane i: the squares of lanes i .. i + size - 1 of `here` and `next`.
  __m512i sum(__m512i here, __m512i next) const {
    const __m512i one = _mm512_set1_epi32(1);
    __m512i all = here;
    __m512i lane = _mm512_setr_epi32(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
    for (int32_t j = 1; j < size_; ++j) {
      all = _mm512_add_epi32(all, _mm512_permutex2var_epi32(here, lane, next));
      lane = _mm512_add_epi32(lane, one);
    }
    return all;
  }
  __m512i cell(__m512i sums) const {
    const __m512i bits = _mm512_castps_si512(_mm512_cvtepi32_ps(sums));
    const __m512i index = _mm512_sub_epi32(_mm512_srai_epi32(bits, 20), base_);
    return _mm512_min_epi32(_mm512_max_epi32(index, _mm512_setzero_si512()),
                            _mm512_set1_epi32(kCells - 1));
  }
  // The factors of 2 x 16 cells as words in order.
  __m512i look_up(__m512i low, __m512i high) const {
    const __m512i index = _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi32_epi16(low)),
                                             _mm512_cvtepi32_epi16(high), 1);
    const __mmask32 above = _mm512_test_epi16_mask(index, _mm512_set1_epi16(64));
    const __m512i first = _mm512_permutex2var_epi16(factors_[0], index, factors_[1]);
    const __m512i second = _mm512_permutex2var_epi16(factors_[2], index, factors_[3]);
    return _mm512_mask_mov_epi16(first, above, second);
  }
  template <int kHalf>
  static __m256i words(__m512i x) {
    return kHalf == 0 ? _mm512_castsi512_si256(x) : _mm512_extracti64x4_epi64(x, 1);
  }
  // v of one half of 32 levels and factors.
  template <int kHalf>
  __m512i half(__m512i levels, __m512i factors) const {
    const __m512i level = _mm512_cvtepi16_epi32(words<kHalf>(levels));
    const __m512i product = _mm512_mullo_epi32(level, _mm512_cvtepu16_epi32(words<kHalf>(factors)));
    const __m512i a = _mm512_sra_epi32(_mm512_add_epi32(product, round_), shift_);
    return _mm512_add_epi32(_mm512_mullo_epi32(a, multiplier_), addend_);
  }
  static void store(__m512i v, int32_t count, int32_t* to) {
    if (count >= 16) {
      _mm512_storeu_si512(to, v);
    } else if (count > 0) {
      _mm512_mask_storeu_epi32(to, static_cast<__mmask16>((1 << count) - 1), v);
    }
  }

  int32_t channels_, size_, before_;
  __m512i offset_, base_, round_, multiplier_, addend_;
  __m128i shift_;
  __m512i factors_[4];
};

void run_pixels(const uint8_t* x, int64_t pixels, int32_t channels, const LrnTerms& terms,
                int32_t* v) {
  if (terms.size > kMostNeighbours) return run(x, pixels, channels, terms, v);
  const Lrn lrn(channels, terms);
  for (int64_t p = 0; p < pixels; ++p, x += channels, v += channels) lrn.pixel(x, v);
}

}  // namespace

const LrnKernel lrn_avx512vnni = {"lrn_avx512vnni", Isa::kAvx512Vnni, false, run_pixels};

}  // namespace weq::kernels
