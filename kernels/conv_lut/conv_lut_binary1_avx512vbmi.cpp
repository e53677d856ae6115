// Two codes on either side: 64 tables of 64 entries for groups of 6 channels, one vpermb for 384
// products.
#include "kernels/conv_lut/avx512_words.h"
#include "kernels/conv_lut/binary.h"

namespace weq::kernels {
namespace {

constexpr int32_t kChannels = 6;  // of a group
constexpr LutForm kForm = {kChannels, 64, 2, 64 * 64};
constexpr int32_t kIndexBytes = 1;
constexpr int kRows[2] = {8, 4};
constexpr struct {
  double lookup = 1.18, lookup_of_lone_vector = 1.55, lookup_of_lone_row = 2.8;
  double flush = 1.6, store = 12.0, requantize = 0.25, gather = 18.0;
} kCycles;

inline Vec table(const uint8_t* tables, const uint8_t* index) {
  return load(tables + size_t{*index} * 64);
}

double usual_run(const ConvProblem& problem) { return lut_binary_usual_run(problem, kChannels); }

const char* refuse(const ConvProblem& problem) {
  const char* reason = lut_refuse(problem, 2, 2, lut_binary_flush(problem, kChannels));
  return reason != nullptr ? reason : GroupBytes::refuse(*problem.input);
}

void fill_tables(const ConvProblem& problem, uint8_t* tables) {
  lut_fill_part(problem, {0, kChannels}, kChannels, 2, 64, tables);
}

// Turns pixels of stored bytes into index bytes.
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
        codes[i] = _mm512_slli_epi16(groups.codes(), static_cast<unsigned>(i));
      }
      const uint8_t* pixel = from + j;
      uint8_t* index = to + j;
      for (int32_t x = 0; x < pixels; ++x, pixel += step_, index += lookups_) {
        __m512i sum = groups.look_up(pixel, 0, lanes[0], codes[0]);
#pragma GCC unroll 6
        for (int32_t i = 1; i < kChannels; ++i) {
          sum = _mm512_or_si512(sum, groups.look_up(pixel, i, lanes[i], codes[i]));
        }
        _mm512_mask_storeu_epi8(index, groups.lanes(j), sum);
      }
    }
  }

 private:
  GroupBytes groups_;
  ptrdiff_t step_;
  int32_t lookups_;
};

}  // namespace

#include "kernels/conv_lut/driver.inc"

extern const ConvKernel conv_lut_binary1_avx512vbmi;
const ConvKernel conv_lut_binary1_avx512vbmi = {"lut_binary1_avx512vbmi",
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
