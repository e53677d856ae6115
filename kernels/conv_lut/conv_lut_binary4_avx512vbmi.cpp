// Two weight codes with up to 16 activation codes: groups of 4 channels whose table is the sum of
// two, T1[first two codes] + T2[other two]; one vpermb then does 256 products.
#include "kernels/conv_lut/avx512_groups.h"
#include "kernels/conv_lut/avx512_rows.h"
#include "kernels/conv_lut/binary.h"

namespace weq::kernels {
namespace {

constexpr int32_t kChannels = 4;                     // of a group
constexpr int32_t kPairBytes = 256 * Row16::kBytes;  // row first code + 16 * second code
constexpr LutForm kForm = {kChannels, 64, 2, 2 * kPairBytes};
constexpr int kRows[2] = {8, 4};
constexpr struct {
  double lookup = 1.38, lookup_of_lone_vector = 1.72, lookup_of_lone_row = 3.0;
  double flush = 1.65, store = 12.0, requantize = 0.25, gather = 32.0;
} kCycles;

inline Vec table(const uint8_t* tables, const uint8_t* index) {
  return sum_rows<Row16>(tables, tables + kPairBytes, index);
}

double usual_run(const ConvProblem& problem) { return lut_binary_usual_run(problem, kChannels); }

const char* refuse(const ConvProblem& problem) {
  const char* reason = lut_refuse(problem, 2, 16, lut_binary_flush(problem, kChannels));
  return reason != nullptr ? reason : GroupBytes::refuse(*problem.input);
}

void fill_tables(const ConvProblem& problem, uint8_t* tables) {
  lut_fill_part(problem, {0, 2}, kChannels, 16, Row16::kBytes, tables);
  lut_fill_part(problem, {2, 4}, kChannels, 16, Row16::kBytes, tables + kPairBytes);
}

struct Form {
  static int32_t shift(int32_t i) { return i % 2 * 4; }
  template <class Code>
  static void put(const Code& code, __mmask64 lanes, uint8_t* index) {
    put_rows<Row16>(_mm512_or_si512(code(0), code(1)), _mm512_or_si512(code(2), code(3)), lanes,
                    index);
  }
};
using IndexRow = GroupRow<Form, kChannels, kIndexBytes>;

}  // namespace

#include "kernels/conv_lut/driver.inc"

extern const ConvKernel conv_lut_binary4_avx512vbmi;
const ConvKernel conv_lut_binary4_avx512vbmi = {"lut_binary4_avx512vbmi",
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
