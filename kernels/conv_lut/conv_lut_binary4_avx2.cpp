// Two weight codes with up to 16 activation codes: groups of 4 channels whose table is the sum of
// two, T1[first two codes] + T2[other two], shared by all channels of the tile; one vpshufb then
// does 128 products.
#include "kernels/conv_lut/avx2_groups.h"

namespace weq::kernels {
namespace {

constexpr int32_t kRowShift = 5;                  // a table stands twice in its row of 32 bytes
constexpr int32_t kPairBytes = 256 << kRowShift;  // row first code + 16 * second code
constexpr LutForm kForm = {kChannels, 32, 2, 2 * kPairBytes};
// An index holds the rows' distances from T1 and T2, 16 bits each.
constexpr int32_t kIndexBytes = 4;
constexpr int kRows[2] = {4, 2};
constexpr struct {
  double lookup = 0.97, lookup_of_lone_vector = 1.0, lookup_of_lone_row = 2.3;
  double flush = 1.5, store = 8.0, requantize = 0.7, gather = 19.0;
} kCycles;

// One load for each distance: the loop is bound by the number of instructions.
inline Vec row(const uint8_t* table, const uint8_t* index) {
  uint16_t distance;
  __builtin_memcpy(&distance, index, sizeof(distance));
  return load(table + distance);
}
inline Vec table(const uint8_t* tables, const uint8_t* index) {
  return _mm256_add_epi8(row(tables, index), row(tables + kPairBytes, index + 2));
}

double usual_run(const ConvProblem& problem) { return lut_binary_usual_run(problem, kChannels); }

const char* refuse(const ConvProblem& problem) {
  return lut_refuse(problem, 2, 16, lut_binary_flush(problem, kChannels));
}

void fill_tables(const ConvProblem& problem, uint8_t* tables) {
  lut_fill_part(problem, {0, 2}, kChannels, 16, 1 << kRowShift, tables);
  lut_fill_part(problem, {2, 4}, kChannels, 16, 1 << kRowShift, tables + kPairBytes);
}

struct Form {
  using Index = uint32_t;
  static constexpr int32_t kBits = 4;
  static int32_t shift(int32_t i) { return i / 2 * 16 + kRowShift + i % 2 * kBits; }
  static void store(const __m256i (&codes)[kChannels], uint8_t* to) {
    const __m256i first = _mm256_or_si256(codes[0], _mm256_slli_epi16(codes[1], kBits));
    const __m256i second = _mm256_or_si256(codes[2], _mm256_slli_epi16(codes[3], kBits));
    store_half(_mm256_castsi256_si128(first), _mm256_castsi256_si128(second), to);
    store_half(_mm256_extracti128_si256(first, 1), _mm256_extracti128_si256(second, 1), to + 64);
  }
  static void store_half(__m128i first, __m128i second, uint8_t* to) {
    store_quarter(_mm_unpacklo_epi8(first, second), to);
    store_quarter(_mm_unpackhi_epi8(first, second), to + 32);
  }
  // Of the numbers of both rows, side by side.
  static void store_quarter(__m128i rows, uint8_t* to) {
    const __m256i pairs = _mm256_cvtepu16_epi32(rows);
    const __m256i low = _mm256_and_si256(pairs, _mm256_set1_epi32(0xFF));
    const __m256i high = _mm256_slli_epi32(_mm256_srli_epi32(pairs, 8), 16);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                        _mm256_slli_epi32(_mm256_or_si256(low, high), kRowShift));
  }
};
using IndexRow = GroupRow<Form>;

}  // namespace

#include "kernels/conv_lut/driver.inc"

extern const ConvKernel conv_lut_binary4_avx2;
const ConvKernel conv_lut_binary4_avx2 = {
    "lut_binary4_avx2", "lut",  Isa::kAvx2, refuse,          cost, packed_bytes, pack, gather_bytes,
    gather_items,       gather, items,      workspace_bytes, run};

}  // namespace weq::kernels
