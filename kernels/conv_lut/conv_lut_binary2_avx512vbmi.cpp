// Two weight codes with up to four activation codes: groups of 5 channels whose table is the sum of
// two, T1[first three codes] + T2[other two]; one vpermb then does 320 products.
#include "kernels/conv_lut/avx512_groups.h"
#include "kernels/conv_lut/avx512_rows.h"
#include "kernels/conv_lut/binary.h"

namespace weq::kernels {
namespace {

constexpr int32_t kChannels = 5, kFirst = 3;  // of a group, of them in T1
constexpr int32_t kFirstBytes = 64 * Row32::kBytes;
constexpr LutForm kForm = {kChannels, 64, 2, kFirstBytes + 16 * Row32::kBytes};
constexpr int kRows[2] = {8, 4};
constexpr struct {
  double lookup = 1.37, lookup_of_lone_vector = 1.75, lookup_of_lone_row = 2.8;
  double flush = 1.6, store = 12.0, requantize = 0.25, gather = 32.0;
} kCycles;

inline Vec table(const uint8_t* tables, const uint8_t* index) {
  return sum_rows<Row32>(tables, tables + kFirstBytes, index);
}

double usual_run(const ConvProblem& problem) { return lut_binary_usual_run(problem, kChannels); }

const char* refuse(const ConvProblem& problem) {
  const char* reason = lut_refuse(problem, 2, 4, lut_binary_flush(problem, kChannels));
  return reason != nullptr ? reason : GroupBytes::refuse(*problem.input);
}

void fill_tables(const ConvProblem& problem, uint8_t* tables) {
  lut_fill_part(problem, {0, kFirst}, kChannels, 4, Row32::kBytes, tables);
  lut_fill_part(problem, {kFirst, kChannels}, kChannels, 4, Row32::kBytes, tables + kFirstBytes);
}

struct Form {
  static int32_t shift(int32_t i) { return i % kFirst * 2; }
  template <class Code>
  static void put(const Code& code, __mmask64 lanes, uint8_t* index) {
    put_rows<Row32>(_mm512_or_si512(_mm512_or_si512(code(0), code(1)), code(2)),
                    _mm512_or_si512(code(3), code(4)), lanes, index);
  }
};
using IndexRow = GroupRow<Form, kChannels, kIndexBytes>;

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
