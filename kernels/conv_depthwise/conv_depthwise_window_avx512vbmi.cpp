#include <immintrin.h>

namespace weq::kernels {
namespace {

__m512i lookup128(__m512i index, __m512i low, __m512i high) {
  return _mm512_permutex2var_epi8(low, index, high);
}

}  // namespace
}  // namespace weq::kernels

#include "kernels/conv_depthwise/window_avx512.h"

namespace weq::kernels {

extern const ConvKernel conv_depthwise_window_avx512vbmi;
const ConvKernel conv_depthwise_window_avx512vbmi = {"depthwise_window_avx512vbmi",
                                                     "depthwise",
                                                     Isa::kAvx512Vbmi,
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
