// Two weight codes with up to four activation codes: 256 tables of 16 entries for groups of 4
// channels, one vpshufb for 128 products.
#include "kernels/conv_lut/avx2_groups.h"

namespace weq::kernels {
namespace {

constexpr int32_t kRowShift = 5;  // a table stands twice in its row of 32 bytes
constexpr LutForm kForm = {kChannels, 32, 2, 256 << kRowShift};
constexpr int32_t kIndexBytes = 2;  // an index is the row's distance
constexpr int kRows[2] = {4, 2};
constexpr struct {
  double lookup = 0.75, lookup_of_lone_vector = 0.8, lookup_of_lone_row = 1.65;
  double flush = 1.5, store = 8.0, requantize = 0.7, gather = 12.0;
} kCycles;

inline Vec table(const uint8_t* tables, const uint8_t* index) {
  uint16_t row;
  __builtin_memcpy(&row, index, sizeof(row));
  return load(tables + row);
}

double usual_run(const ConvProblem& problem) { return lut_binary_usual_run(problem, kChannels); }

const char* refuse(const ConvProblem& problem) {
  return lut_refuse(problem, 2, 4, lut_binary_flush(problem, kChannels));
}

void fill_tables(const ConvProblem& problem, uint8_t* tables) {
  lut_fill_part(problem, {0, kChannels}, kChannels, 4, 1 << kRowShift, tables);
}

struct Form {
  using Index = uint16_t;
  static constexpr int32_t kBits = 2;
  static int32_t shift(int32_t i) { return kRowShift + kBits * i; }
  static void store(const __m256i (&codes)[kChannels], uint8_t* to) {
    __m256i rows = codes[0];
    for (int32_t i = 1; i < kChannels; ++i) {
      rows = _mm256_or_si256(rows, _mm256_slli_epi16(codes[i], kBits * i));
    }
    store_half(_mm256_castsi256_si128(rows), to);
    store_half(_mm256_extracti128_si256(rows, 1), to + 32);
  }
  static void store_half(__m128i rows, uint8_t* to) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                        _mm256_slli_epi16(_mm256_cvtepu8_epi16(rows), kRowShift));
  }
};
using IndexRow = GroupRow<Form>;

}  // namespace

#include "kernels/conv_lut/driver.inc"

extern const ConvKernel conv_lut_binary2_avx2;
const ConvKernel conv_lut_binary2_avx2 = {
    "lut_binary2_avx2", "lut",  Isa::kAvx2, refuse,          cost, packed_bytes, pack, gather_bytes,
    gather_items,       gather, items,      workspace_bytes, run};

}  // namespace weq::kernels
