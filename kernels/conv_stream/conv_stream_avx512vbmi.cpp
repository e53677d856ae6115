#include <immintrin.h>

namespace weq::kernels {
namespace {

// Looks at six bits of an index: the levels repeat over those that are not of the code.
__m512i look_up(__m512i levels, __m512i index) { return _mm512_permutexvar_epi8(index, levels); }

}  // namespace
}  // namespace weq::kernels

#include "kernels/conv_stream/stream_avx512.h"

namespace weq::kernels {

extern const ConvKernel conv_stream_avx512vbmi;
const ConvKernel conv_stream_avx512vbmi = {"stream_avx512vbmi",
                                           "stream",
                                           Isa::kAvx512Vbmi,
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
