// Indices of groups of 4 channels, for the AVX2 files of weights of two codes.
#pragma once

#include "kernels/conv_lut/avx2_words.h"
#include "kernels/conv_lut/binary.h"

namespace weq::kernels {
namespace {

constexpr int32_t kChannels = 4;  // of a group

// Codes of stored bytes, by tables of 16 bytes counted from the first code's byte.
class ByteCodes {
 public:
  explicit ByteCodes(const LevelMap& map)
      : base_(map.byte_of_code[0]), tables_((map.byte_of_code[map.codes - 1] - base_) / 16 + 1) {
    lut_codes_of_bytes(map, codes_);
  }
  int32_t operator[](uint8_t byte) const { return codes_[byte]; }
  // One table holds them all.
  bool few() const { return tables_ == 1; }
  // Of 32 bytes; 0 for bytes that no code has.
  template <bool kFew>
  __m256i load(const uint8_t* bytes) const {
    const __m256i step = _mm256_set1_epi8(16), limit = _mm256_set1_epi8(0x70);
    __m256i x = _mm256_sub_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes)),
                                _mm256_set1_epi8(static_cast<char>(base_)));
    __m256i sum = zero();
    const int32_t tables = kFew ? 1 : tables_;
    for (int32_t t = 0; t < tables; ++t, x = _mm256_sub_epi8(x, step)) {
      const __m256i table = _mm256_broadcastsi128_si256(
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(codes_ + base_ + t * 16)));
      // Bytes outside 0..15 get their highest bit, for which the shuffle gives 0.
      sum = _mm256_or_si256(sum, _mm256_shuffle_epi8(table, _mm256_adds_epu8(x, limit)));
    }
    return sum;
  }

 private:
  uint8_t codes_[256 + 16] = {};
  uint8_t base_;
  int32_t tables_;
};

// Turns pixels of stored bytes into indices. Form: the type Index; shift(i), where the code of
// channel i begins in it, of kBits; store(codes, to), the indices of 32 groups.
template <class Form>
class GroupRow {
  using Index = typename Form::Index;

 public:
  GroupRow(const ConvProblem& problem, const LutLayout& layout)
      : codes_(*problem.input),
        missing_(codes_[lut_missing_byte(*problem.input)]),
        in_c_(problem.shape.in_c),
        step_(ptrdiff_t{layout.step_w} * problem.shape.in_c),
        lookups_(layout.lookups) {}

  void operator()(const uint8_t* from, int32_t pixels, uint8_t* to) const {
    const GroupRow row = *this;  // a copy: stores of bytes might alias the members
    if (codes_.few()) {
      row.make<true>(from, pixels, to);
    } else {
      row.make<false>(from, pixels, to);
    }
  }

 private:
  template <bool kFew>
  void make(const uint8_t* from, int32_t pixels, uint8_t* to) const {
    const ptrdiff_t pixel_bytes = lookups_ * ptrdiff_t{sizeof(Index)};
    const uint8_t* const end = to + pixels * pixel_bytes;
    for (int32_t x = 0; x < pixels; ++x, from += step_, to += pixel_bytes) {
      for (int32_t j = 0; j < lookups_; j += 32) {
        // Full stores may run into the next pixel, which follows, but not past the last one.
        uint8_t* const at = to + size_t(j) * sizeof(Index);
        if (end - at >= ptrdiff_t{32 * sizeof(Index)}) {
          put<kFew>(from + j, at);
        } else {
          alignas(32) uint8_t bytes[32 * sizeof(Index)];
          put<kFew>(from + j, bytes);
          __builtin_memcpy(at, bytes,
                           size_t(lookups_ - j < 32 ? lookups_ - j : 32) * sizeof(Index));
        }
      }
      for (int32_t c = in_c_; c < lookups_ * kChannels; ++c) put_missing(c, to);
    }
  }

  template <bool kFew>
  void put(const uint8_t* bytes, uint8_t* to) const {
    __m256i codes[kChannels];
    for (int32_t i = 0; i < kChannels; ++i)
      codes[i] = codes_.template load<kFew>(bytes + ptrdiff_t{i} * lookups_);
    Form::store(codes, to);
  }

  // Sets the code of channel c, which does not exist, in the indices of a pixel.
  void put_missing(int32_t c, uint8_t* pixel) const {
    const int32_t shift = Form::shift(c / lookups_), mask = (1 << Form::kBits) - 1;
    uint8_t* const at = pixel + size_t(c % lookups_) * sizeof(Index);
    Index index;
    __builtin_memcpy(&index, at, sizeof(index));
    const uint32_t others = index & ~(static_cast<uint32_t>(mask) << shift);
    index = static_cast<Index>(others | static_cast<uint32_t>(missing_) << shift);
    __builtin_memcpy(at, &index, sizeof(index));
  }

  ByteCodes codes_;
  int32_t missing_;  // code of channels past in_c_
  int32_t in_c_;
  ptrdiff_t step_;
  int32_t lookups_;
};

}  // namespace
}  // namespace weq::kernels
