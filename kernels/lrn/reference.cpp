#include "kernels/lrn/lrn.h"

#include <cstring>

namespace weq::kernels {
namespace {

int32_t cell(int32_t sum, int32_t base) {
  const auto s = static_cast<float>(sum);
  int32_t bits;
  std::memcpy(&bits, &s, sizeof(bits));
  const int64_t index = int64_t{bits >> 20} - base;
  return static_cast<int32_t>(index < 0 ? 0 : (index > 127 ? 127 : index));
}

void run(const uint8_t* x, int64_t pixels, int32_t channels, const LrnTerms& terms, int32_t* v) {
  const int32_t* level = terms.map->level;
  const int32_t before = (terms.size - 1) / 2, after = terms.size / 2;
  const int32_t round = terms.pre_shift > 0 ? 1 << (terms.pre_shift - 1) : 0;
  for (int64_t p = 0; p < pixels; ++p, x += channels, v += channels) {
    const auto square = [&](int32_t c) { return level[x[c]] * level[x[c]]; };
    int32_t sum = 0;
    for (int32_t c = 0; c < after && c < channels; ++c) sum += square(c);
    for (int32_t c = 0; c < channels; ++c) {
      // The leaving square first: the sum never exceeds that of one window.
      if (c - before > 0) sum -= square(c - before - 1);
      if (c + after < channels) sum += square(c + after);
      const int32_t factor = terms.factors[cell(sum, terms.base)];
      v[c] = ((level[x[c]] * factor + round) >> terms.pre_shift) * terms.multiplier + terms.addend;
    }
  }
}

}  // namespace

const LrnKernel lrn_reference = {"lrn_reference", Isa::kScalar, true, run};

}  // namespace weq::kernels
