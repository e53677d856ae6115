// Shift and add, 32 channels at a time.
#include <immintrin.h>

#include "kernels/conv_shift/terms.h"

namespace weq::kernels {
namespace {

constexpr int32_t kWidth = 32;
constexpr double kCyclesPerTerm = 8.0;

inline __m256i shifted(const int8_t* weights, __m256i shift) {
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(weights));
  return _mm256_sllv_epi32(_mm256_cvtepi8_epi32(bytes), shift);
}

inline void add_product(__m256i sum, __m256i mantissa, int32_t* acc) {
  auto* to = reinterpret_cast<__m256i*>(acc);
  const __m256i product = _mm256_mullo_epi32(sum, mantissa);
  _mm256_store_si256(to, _mm256_add_epi32(_mm256_load_si256(to), product));
}

void class_sums(const int8_t* panel, const ShiftTerm* terms, int32_t count, int32_t mantissa,
                int32_t* acc) {
  __m256i sum0 = _mm256_setzero_si256(), sum1 = sum0, sum2 = sum0, sum3 = sum0;
  for (const ShiftTerm* term = terms; term != terms + count; ++term) {
    const int8_t* weights = panel + size_t{term->weight} * kWidth;
    const __m256i shift = _mm256_set1_epi32(static_cast<int32_t>(term->shift));
    sum0 = _mm256_add_epi32(sum0, shifted(weights, shift));
    sum1 = _mm256_add_epi32(sum1, shifted(weights + 8, shift));
    sum2 = _mm256_add_epi32(sum2, shifted(weights + 16, shift));
    sum3 = _mm256_add_epi32(sum3, shifted(weights + 24, shift));
  }
  const __m256i m = _mm256_set1_epi32(mantissa);
  add_product(sum0, m, acc);
  add_product(sum1, m, acc + 8);
  add_product(sum2, m, acc + 16);
  add_product(sum3, m, acc + 24);
}

}  // namespace

#include "kernels/conv_shift/driver.inc"

extern const ConvKernel conv_shift_avx2;
const ConvKernel conv_shift_avx2 = {
    "shift_avx2", "shift",         Isa::kAvx2,      shift_refuse, cost,  packed_bytes,
    pack,         no_gather_bytes, no_gather_items, no_gather,    items, workspace_bytes,
    run};

}  // namespace weq::kernels
