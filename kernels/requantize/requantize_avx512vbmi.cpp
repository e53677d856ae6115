#include <immintrin.h>

namespace weq::kernels {
namespace {

__m512i lookup128(__m512i index, __m512i low, __m512i high) {
  return _mm512_permutex2var_epi8(low, index, high);
}

}  // namespace
}  // namespace weq::kernels

#include "kernels/requantize/avx512_body.h"

namespace weq::kernels {

extern const RequantizeKernel requantize_avx512vbmi;
const RequantizeKernel requantize_avx512vbmi = {"requantize_avx512vbmi", Isa::kAvx512Vbmi, run};

}  // namespace weq::kernels
