// Two weight codes with up to four activation codes: groups of 6 channels whose table is the sum of
// two of 64 entries, T1[first three codes] + T2[other three], shared by all channels of the tile;
// one vpermb then does 384 products.
#include "kernels/conv_lut/avx512_words.h"
#include "kernels/conv_lut/binary.h"

namespace weq::kernels {
namespace {

constexpr int32_t kChannels = 6;  // of a group
constexpr int32_t kHalf = kChannels / 2;
constexpr int32_t kHalfBytes = 64 * 64;  // of T1 and of T2
constexpr LutForm kForm = {kChannels, 64, 2, 2 * kHalfBytes};
// An index holds the row of T1, then that of T2.
constexpr int32_t kIndexBytes = 2;
constexpr int kRows[2] = {8, 4};
constexpr struct {
  double lookup = 1.15, lookup_of_lone_vector = 1.48, lookup_of_lone_row = 2.75;
  double flush = 1.6, store = 12.0, requantize = 0.25, gather = 20.0;
} kCycles;

inline Vec table(const uint8_t* tables, const uint8_t* index) {
  return _mm512_add_epi8(load(tables + size_t{index[0]} * 64),
                         load(tables + kHalfBytes + size_t{index[1]} * 64));
}

double usual_run(const ConvProblem& problem) { return lut_binary_usual_run(problem, kChannels); }

const char* refuse(const ConvProblem& problem) {
  const char* reason = lut_refuse(problem, 2, 4, lut_binary_flush(problem, kChannels));
  return reason != nullptr ? reason : GroupBytes::refuse(*problem.input);
}

void fill_tables(const ConvProblem& problem, uint8_t* tables) {
  lut_fill_part(problem, {0, kHalf}, kChannels, 4, 64, tables);
  lut_fill_part(problem, {kHalf, kChannels}, kChannels, 4, 64, tables + kHalfBytes);
}

// Turns pixels of stored bytes into indices.
class IndexRow {
 public:
  IndexRow(const ConvProblem& problem, const LutLayout& layout)
      : groups_(problem, layout.lookups),
        step_(ptrdiff_t{layout.step_w} * problem.shape.in_c),
        lookups_(layout.lookups) {}

  void operator()(const uint8_t* from, int32_t pixels, uint8_t* to) const {
    const GroupBytes groups = groups_;  // a copy: stores of bytes might alias the members
    for (int32_t j = 0; j < lookups_; j += 64) {
      __mmask64 lanes[kChannels];
      __m512i codes[kChannels];
      for (int32_t i = 0; i < kChannels; ++i) {
        lanes[i] = groups.lanes(j, i);
        codes[i] = _mm512_slli_epi16(groups.codes(), static_cast<unsigned>(i % kHalf * 2));
      }
      const uint8_t* pixel = from + j;
      uint8_t* index = to + ptrdiff_t{j} * kIndexBytes;
      for (int32_t x = 0; x < pixels; ++x, pixel += step_, index += lookups_ * kIndexBytes) {
        const auto row = [&](int32_t i) {
          return _mm512_or_si512(
              _mm512_or_si512(groups.look_up(pixel, i, lanes[i], codes[i]),
                              groups.look_up(pixel, i + 1, lanes[i + 1], codes[i + 1])),
              groups.look_up(pixel, i + 2, lanes[i + 2], codes[i + 2]));
        };
        const __m512i first = row(0), second = row(kHalf);
        put<0>(first, second, groups.lanes(j), index);
        put<1>(first, second, groups.lanes(j), index);
      }
    }
  }

 private:
  // Indices of groups 32 * kPart and on.
  template <int kPart>
  static void put(__m512i first, __m512i second, __mmask64 lanes, uint8_t* index) {
    const auto here = static_cast<__mmask32>(lanes >> 32 * kPart);
    if (here == 0) return;
    const __m512i low = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(first, kPart));
    const __m512i high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(second, kPart));
    _mm512_mask_storeu_epi16(index + 64 * kPart, here,
                             _mm512_or_si512(low, _mm512_slli_epi16(high, 8)));
  }

  GroupBytes groups_;
  ptrdiff_t step_;
  int32_t lookups_;
};

}  // namespace

#include "kernels/conv_lut/driver.inc"

extern const ConvKernel conv_lut_binary2_avx512vbmi;
const ConvKernel conv_lut_binary2_avx512vbmi = {"lut_binary2_avx512vbmi",
                                                "lut",
                                                Isa::kAvx512Vbmi,
                                                refuse,
                                                cost,
                                                packed_bytes,
                                                pack,
                                                gather_bytes,
                                                gather_items,
                                                gather,
                                                items,
                                                workspace_bytes,
                                                run};

}  // namespace weq::kernels
