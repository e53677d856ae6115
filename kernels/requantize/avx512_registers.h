// Requantization of sums that are still in registers, for kernels that need no int32 tile then:
// the same arithmetic as avx512_body.h for the epilogues that most layers have. The including file
// includes an avx512*_lookup.h first.
#include <cstddef>
#include <utility>

#include "kernels/requantize/avx512_forms.h"

namespace weq::kernels {
namespace {

// One output of bytes whose codes are found by a shift or a grid; a residual, if any, of levels.
inline bool fits_registers(const Epilogue& e) {
  if (e.outputs != 1) return false;
  if (e.residual_factor != 0 && !e.residual_map->byte_is_level) return false;
  const ThresholdForm form = e.output[0].form;
  return form == ThresholdForm::kLinear || form == ThresholdForm::kGrid;
}

// `Form`: LinearForm or GridForm, as e.output[0].form says. Rows go to one column of `channels`
// channels, at most 16 * the vectors given to `store`; `target` points at the column's first row.
template <class Form>
class RegisterEpilogue {
 public:
  RegisterEpilogue(const Epilogue& e, int32_t channel, int32_t channels,
                   const EpilogueTarget& target)
      : form_(e.output[0]),
        multiplier_(e.multiplier + channel),
        addend_(e.addend + channel),
        pre_shift_(e.pre_shift),
        factor_(e.residual_factor),
        constant_(factor_ == 0 ? 0
                               : static_cast<int32_t>(0U - uint32_t(factor_) *
                                                               uint32_t(e.residual_map->offset))),
        all_(channels % 64 == 0),
        channels_(~uint64_t{0} >> (64 - channels)),
        target_(target) {}

  // sums[row * kVectors + vector], kRows of them, as rows `first`, first + 1...
  template <size_t kRows, size_t kVectors>
  [[gnu::always_inline]] void store(const __m512i* sums, ptrdiff_t first) const {
    constexpr size_t kTogether = kVectors > 2 ? 1 : 4 / kVectors;  // rows of 64 lanes
    store_all<kRows, kVectors, kTogether>(
        sums, first, std::make_index_sequence<(kRows + kTogether - 1) / kTogether>());
  }

 private:
  template <size_t kRows, size_t kVectors, size_t kTogether, size_t... kI>
  [[gnu::always_inline]] void store_all(const __m512i* sums, ptrdiff_t first,
                                        std::index_sequence<kI...>) const {
    (store_some<kRows - kI * kTogether, kVectors>(sums + kI * kTogether * kVectors,
                                                  first + ptrdiff_t{kI} * ptrdiff_t{kTogether}),
     ...);
  }

  // As many of `kLeft` rows as fill 64 lanes.
  template <size_t kLeft, size_t kVectors>
  [[gnu::always_inline]] void store_some(const __m512i* sums, ptrdiff_t row) const {
    constexpr size_t kSums = kLeft * kVectors;
    const Quads v = {value<0, kSums, kVectors>(sums, row), value<1, kSums, kVectors>(sums, row),
                     value<2, kSums, kVectors>(sums, row), value<3, kSums, kVectors>(sums, row)};
    const __m512i bytes = form_.bytes(v);
    uint8_t* const to = target_.bytes[0] + row * target_.stride;
    if constexpr (kVectors > 2) {
      if (all_) {
        _mm512_storeu_si512(to, bytes);
      } else {
        _mm512_mask_storeu_epi8(to, _cvtu64_mask64(channels_), bytes);
      }
    } else if constexpr (kVectors == 2) {
      store_row(to, _mm512_castsi512_si256(bytes));
      if constexpr (kLeft > 1) store_row(to + target_.stride, _mm512_extracti64x4_epi64(bytes, 1));
    } else {
      store_row(to, _mm512_castsi512_si256(bytes));
      if constexpr (kLeft > 1) store_row(to + target_.stride, quarter<1>(bytes));
      if constexpr (kLeft > 2) store_row(to + 2 * target_.stride, quarter<2>(bytes));
      if constexpr (kLeft > 3) store_row(to + 3 * target_.stride, quarter<3>(bytes));
    }
  }

  template <int kQuarter>
  static __m256i quarter(__m512i bytes) {
    return _mm256_castsi128_si256(_mm512_extracti32x4_epi32(bytes, kQuarter));
  }
  void store_row(uint8_t* to, __m256i bytes) const {
    _mm256_mask_storeu_epi8(to, _cvtu32_mask32(static_cast<uint32_t>(channels_)), bytes);
  }

  // v of sum number kI; sums past the last repeat the first, and are not stored.
  template <size_t kI, size_t kSums, size_t kVectors>
  [[gnu::always_inline]] __m512i value(const __m512i* sums, ptrdiff_t row) const {
    constexpr size_t kUsed = kVectors == 3 ? 3 : 4;
    constexpr size_t kFrom = kI < kSums && kI < kUsed ? kI : 0;
    constexpr size_t kVector = kFrom % kVectors;
    __m512i v = sums[kFrom];
    if (pre_shift_ > 0) {
      v = _mm512_srav_epi32(_mm512_add_epi32(v, _mm512_set1_epi32(1 << (pre_shift_ - 1))),
                            _mm512_set1_epi32(pre_shift_));
    }
    v = _mm512_mullo_epi32(v, _mm512_loadu_si512(multiplier_ + 16 * kVector));
    v = _mm512_add_epi32(v, _mm512_loadu_si512(addend_ + 16 * kVector));
    if (factor_ != 0) {
      const uint8_t* residual = target_.residual + 16 * kVector +
                                (row + ptrdiff_t{kFrom / kVectors}) * target_.residual_stride;
      const __m512i levels =
          _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(residual)));
      v = _mm512_add_epi32(v, _mm512_mullo_epi32(levels, _mm512_set1_epi32(factor_)));
      v = _mm512_add_epi32(v, _mm512_set1_epi32(constant_));
    }
    return v;
  }

  Form form_;
  const int32_t* multiplier_;
  const int32_t* addend_;
  int32_t pre_shift_, factor_, constant_;
  bool all_;
  uint64_t channels_;
  const EpilogueTarget& target_;
};

}  // namespace
}  // namespace weq::kernels
