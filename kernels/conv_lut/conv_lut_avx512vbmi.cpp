// Lookup tables of 3 channels: 64 tables of 64 entries, one vpermb for 192 products.
#include "kernels/conv_lut/avx512_words.h"

namespace weq::kernels {
namespace {

constexpr LutForm kForm = lut_one_table(3, 64);
constexpr int32_t kIndexBytes = 1;
constexpr int kRows[2] = {8, 4};
constexpr struct {
  double lookup = 1.15, lookup_of_lone_vector = 1.48, lookup_of_lone_row = 2.75;
  double flush = 1.6, store = 12.0, requantize = 0.25, gather = 10.0;
} kCycles;

inline Vec table(const uint8_t* tables, const uint8_t* index) {
  return load(tables + size_t{*index} * 64);
}

double usual_run(const ConvProblem& problem) { return lut_usual_run(problem.bounds.lut_flush3); }

const char* refuse(const ConvProblem& problem) {
  const char* reason = lut_refuse(problem, 4, 4, problem.bounds.lut_flush3);
  return reason != nullptr ? reason : GroupBytes::refuse(*problem.input);
}

void fill_tables(const ConvProblem& problem, uint8_t* tables) {
  lut_fill_tables(problem, kForm, tables);
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
    const __m512i code0 = groups.codes();
    const __m512i code1 = _mm512_slli_epi16(code0, 2), code2 = _mm512_slli_epi16(code0, 4);
    for (int32_t j = 0; j < lookups_; j += 64) {
      const __mmask64 lanes0 = groups.lanes(j), lanes1 = groups.lanes(j, 1),
                      lanes2 = groups.lanes(j, 2);
      const uint8_t* pixel = from + j;
      uint8_t* index = to + j;
      for (int32_t x = 0; x < pixels; ++x, pixel += step_, index += lookups_) {
        const __m512i sum = _mm512_or_si512(groups.look_up(pixel, 0, lanes0, code0),
                                            groups.look_up(pixel, 1, lanes1, code1));
        _mm512_mask_storeu_epi8(index, lanes0,
                                _mm512_or_si512(sum, groups.look_up(pixel, 2, lanes2, code2)));
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

extern const ConvKernel conv_lut_avx512vbmi;
const ConvKernel conv_lut_avx512vbmi = {"lut_avx512vbmi",
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
