// Shift and add, 64 channels at a time.
#include <immintrin.h>

#include "kernels/conv_shift/terms.h"

namespace weq::kernels {
namespace {

constexpr int32_t kWidth = 64;
constexpr double kCyclesPerTerm = 14.0;

inline __m512i shifted(const int8_t* weights, __m512i shift) {
  const __m128i bytes = _mm_load_si128(reinterpret_cast<const __m128i*>(weights));
  return _mm512_sllv_epi32(_mm512_cvtepi8_epi32(bytes), shift);
}

inline void add_product(__m512i sum, __m512i mantissa, int32_t* acc) {
  const __m512i product = _mm512_mullo_epi32(sum, mantissa);
  _mm512_store_si512(acc, _mm512_add_epi32(_mm512_load_si512(acc), product));
}

void class_sums(const int8_t* panel, const ShiftTerm* terms, int32_t count, int32_t mantissa,
                int32_t* acc) {
  __m512i sum0 = _mm512_setzero_si512(), sum1 = sum0, sum2 = sum0, sum3 = sum0;
  for (const ShiftTerm* term = terms; term != terms + count; ++term) {
    const int8_t* weights = panel + size_t{term->weight} * kWidth;
    const __m512i shift = _mm512_set1_epi32(static_cast<int32_t>(term->shift));
    sum0 = _mm512_add_epi32(sum0, shifted(weights, shift));
    sum1 = _mm512_add_epi32(sum1, shifted(weights + 16, shift));
    sum2 = _mm512_add_epi32(sum2, shifted(weights + 32, shift));
    sum3 = _mm512_add_epi32(sum3, shifted(weights + 48, shift));
  }
  const __m512i m = _mm512_set1_epi32(mantissa);
  add_product(sum0, m, acc);
  add_product(sum1, m, acc + 16);
  add_product(sum2, m, acc + 32);
  add_product(sum3, m, acc + 48);
}

}  // namespace

#include "kernels/conv_shift/driver.inc"

extern const ConvKernel conv_shift_avx512vnni;
const ConvKernel conv_shift_avx512vnni = {"shift_avx512vnni",
                                          "shift",
                                          Isa::kAvx512Vnni,
                                          shift_refuse,
                                          cost,
                                          packed_bytes,
                                          pack,
                                          no_gather_bytes,
                                          no_gather_items,
                                          no_gather,
                                          items,
                                          workspace_bytes,
                                          run};

}  // namespace weq::kernels
