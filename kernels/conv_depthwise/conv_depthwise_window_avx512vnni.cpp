#include <immintrin.h>

namespace weq::kernels {
namespace {

// Without VBMI: words are looked up, then the right half of each is taken.
__m512i lookup128(__m512i index, __m512i low, __m512i high) {
  const __m512i eight = _mm512_set1_epi16(8);
  const __m512i even = _mm512_permutex2var_epi16(low, _mm512_srli_epi16(index, 1), high);
  const __m512i odd = _mm512_permutex2var_epi16(low, _mm512_srli_epi16(index, 9), high);
  const __m512i even_shift = _mm512_and_si512(_mm512_slli_epi16(index, 3), eight);
  const __m512i odd_shift = _mm512_and_si512(_mm512_srli_epi16(index, 5), eight);
  const __m512i even_byte =
      _mm512_and_si512(_mm512_srlv_epi16(even, even_shift), _mm512_set1_epi16(0xff));
  return _mm512_or_si512(even_byte, _mm512_slli_epi16(_mm512_srlv_epi16(odd, odd_shift), 8));
}

}  // namespace
}  // namespace weq::kernels

#include "kernels/conv_depthwise/window_avx512.h"

namespace weq::kernels {

extern const ConvKernel conv_depthwise_window_avx512vnni;
const ConvKernel conv_depthwise_window_avx512vnni = {"depthwise_window_avx512vnni",
                                                     "depthwise",
                                                     Isa::kAvx512Vnni,
                                                     window_refuse,
                                                     cost,
                                                     packed_bytes,
                                                     pack,
                                                     gather_bytes,
                                                     gather_items,
                                                     gather,
                                                     items,
                                                     window_workspace_bytes,
                                                     run};

}  // namespace weq::kernels
