// Ternary weights with up to 16 activation codes: groups of 3 channels whose table is the sum of
// two, T1[first two codes] + T2[third code]. The 27 combinations of weights fit half a register, so
// that a table costs two loads of 32 bytes and an addition, shared by all channels of the tile;
// one vpermb then does 192 products.
#include "kernels/conv_lut/avx512_rows.h"

namespace weq::kernels {
namespace {

constexpr int32_t kPairBytes = 256 * Row32::kBytes;  // T1: row first code + codes * second code
constexpr LutForm kForm = {3, 64, 3, kPairBytes + 16 * Row32::kBytes};
constexpr int kRows[2] = {8, 4};
constexpr struct {
  double lookup = 1.34, lookup_of_lone_vector = 1.55, lookup_of_lone_row = 3.1;
  double flush = 1.6, store = 12.0, requantize = 0.25, gather = 32.0;
} kCycles;

inline Vec table(const uint8_t* tables, const uint8_t* index) {
  return sum_rows<Row32>(tables, tables + kPairBytes, index);
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
        tables[(a + codes * b) * Row32::kBytes + entry] =
            static_cast<uint8_t>(lut_term(problem, a, w0) + lut_term(problem, b, w1));
      }
      tables[kPairBytes + a * Row32::kBytes + entry] =
          static_cast<uint8_t>(lut_term(problem, a, w2));
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
        put_rows<Row32>(pairs, third, lanes0, index);
      }
    }
  }

 private:
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
