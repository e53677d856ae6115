// Ternary weights with up to 16 activation codes: groups of 3 channels whose table is the sum of
// two, T1[first two codes] + T2[third code]. The 27 combinations of weights fit half a register, so
// that a table costs two loads of 32 bytes and an addition, shared by all channels of the tile;
// one vpermb then does 192 products.
#include "kernels/conv_lut/avx512_words.h"

namespace weq::kernels {
namespace {

constexpr int32_t kRowBytes = 32;
constexpr int32_t kPairBytes = 256 * kRowBytes;  // T1: row first code + codes * second code
constexpr LutForm kForm = {3, 64, 3, kPairBytes + 16 * kRowBytes};
// An index holds the rows' distances from T1 and T2, 16 bits each.
constexpr int32_t kIndexBytes = 4;
constexpr int kRows[2] = {8, 4};
constexpr struct {
  double lookup = 1.34, lookup_of_lone_vector = 1.55, lookup_of_lone_row = 3.1;
  double flush = 1.6, store = 12.0, requantize = 0.25, gather = 32.0;
} kCycles;

inline __m256i row(const uint8_t* from) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
}
inline Vec table(const uint8_t* tables, const uint8_t* index) {
  uint32_t rows;
  __builtin_memcpy(&rows, index, sizeof(rows));
  // No weight index reaches the upper half.
  return _mm512_castsi256_si512(_mm256_add_epi8(row(tables + (rows & 0xFFFF)),
                                                row(tables + kPairBytes + size_t{rows >> 16})));
}

double usual_run(const ConvProblem& problem) { return lut_usual_run(problem.bounds.lut_flush3); }

const char* refuse(const ConvProblem& problem) {
  const char* reason = lut_refuse(problem, 3, 16, problem.bounds.lut_flush3);
  return reason != nullptr ? reason : GroupBytes::refuse(*problem.input);
}

void fill_tables(const ConvProblem& problem, uint8_t* tables) {
  const int32_t codes = problem.input->codes;
  for (int32_t entry = 0; entry < 27; ++entry) {
    const int32_t w0 = entry % 3, w1 = entry / 3 % 3, w2 = entry / 9;
    for (int32_t a = 0; a < codes; ++a) {
      for (int32_t b = 0; b < codes; ++b) {
        tables[(a + codes * b) * kRowBytes + entry] =
            static_cast<uint8_t>(lut_term(problem, a, w0) + lut_term(problem, b, w1));
      }
      tables[kPairBytes + a * kRowBytes + entry] = static_cast<uint8_t>(lut_term(problem, a, w2));
    }
  }
}

// Turns pixels of stored bytes into indices.
class IndexRow {
 public:
  IndexRow(const ConvProblem& problem, const LutLayout& layout)
      : groups_(problem, layout.lookups),
        step_(ptrdiff_t{layout.step_w} * problem.shape.in_c),
        lookups_(layout.lookups) {
    alignas(64) uint8_t bytes[64];
    _mm512_store_si512(bytes, groups_.codes());
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(byte * problem.input->codes);
    __builtin_memcpy(second_, bytes, sizeof(second_));
  }

  void operator()(const uint8_t* from, int32_t pixels, uint8_t* to) const {
    const GroupBytes groups = groups_;  // a copy: stores of bytes might alias the members
    const __m512i first = groups.codes(), second = _mm512_loadu_si512(second_);
    for (int32_t j = 0; j < lookups_; j += 64) {
      const __mmask64 lanes0 = groups.lanes(j), lanes1 = groups.lanes(j, 1),
                      lanes2 = groups.lanes(j, 2);
      const uint8_t* pixel = from + j;
      uint8_t* index = to + ptrdiff_t{j} * kIndexBytes;
      for (int32_t x = 0; x < pixels; ++x, pixel += step_, index += lookups_ * kIndexBytes) {
        const __m512i pairs = _mm512_add_epi8(groups.look_up(pixel, 0, lanes0, first),
                                              groups.look_up(pixel, 1, lanes1, second));
        const __m512i third = groups.look_up(pixel, 2, lanes2, first);
        put<0>(pairs, third, lanes0, index);
        put<1>(pairs, third, lanes0, index);
        put<2>(pairs, third, lanes0, index);
        put<3>(pairs, third, lanes0, index);
      }
    }
  }

 private:
  // Indices of groups 16 * kPart and on.
  template <int kPart>
  static void put(__m512i pairs, __m512i third, __mmask64 lanes, uint8_t* index) {
    const auto here = static_cast<__mmask16>(lanes >> 16 * kPart);
    if (here == 0) return;
    const __m512i low = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(pairs, kPart));
    const __m512i high = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(third, kPart));
    _mm512_mask_storeu_epi32(
        index + 64 * kPart, here,
        _mm512_or_si512(_mm512_slli_epi32(low, 5), _mm512_slli_epi32(high, 16 + 5)));
  }

  GroupBytes groups_;
  uint8_t second_[64];
  ptrdiff_t step_;
  int32_t lookups_;
};

}  // namespace

#include "kernels/conv_lut/driver.inc"

extern const ConvKernel conv_lut_ternary_avx512vbmi;
const ConvKernel conv_lut_ternary_avx512vbmi = {"lut_ternary_avx512vbmi",
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
