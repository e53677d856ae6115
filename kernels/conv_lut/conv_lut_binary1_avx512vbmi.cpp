// Two codes on either side: 64 tables of 64 entries for groups of 6 channels, one vpermb for 384
// products.
#include "kernels/conv_lut/avx512_groups.h"
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

struct Form {
  static int32_t shift(int32_t i) { return i; }
  template <class Code>
  static void put(const Code& code, __mmask64 lanes, uint8_t* index) {
    __m512i sum = code(0);
#pragma GCC unroll 6
    for (int32_t i = 1; i < kChannels; ++i) sum = _mm512_or_si512(sum, code(i));
    _mm512_mask_storeu_epi8(index, lanes, sum);
  }
};
using IndexRow = GroupRow<Form, kChannels, kIndexBytes>;

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
