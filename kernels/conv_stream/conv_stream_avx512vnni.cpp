#include <immintrin.h>

namespace weq::kernels {
namespace {

// Without VBMI: the shuffle within 16 bytes wants the top bit of an index clear.
__m512i look_up(__m512i levels, __m512i index) {
  return _mm512_shuffle_epi8(levels, _mm512_and_si512(index, _mm512_set1_epi8(15)));
}

}  // namespace
}  // namespace weq::kernels

#include "kernels/conv_stream/stream_avx512.h"

namespace weq::kernels {

extern const ConvKernel conv_stream_avx512vnni;
const ConvKernel conv_stream_avx512vnni = {"stream_avx512vnni",
                                           "stream",
                                           Isa::kAvx512Vnni,
                                           stream_refuse,
                                           cost,
                                           stream_packed_bytes,
                                           stream_pack,
                                           no_gather_bytes,
                                           no_gather_items,
                                           no_gather,
                                           stream_items,
                                           stream_workspace_bytes,
                                           run};

}  // namespace weq::kernels
