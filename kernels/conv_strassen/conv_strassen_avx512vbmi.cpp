#include "kernels/requantize/avx512vbmi_lookup.h"
// The lookup comes first: the body is written in terms of it.
#include "kernels/conv_strassen/avx512_body.h"

namespace weq::kernels {

extern const ConvKernel conv_strassen_avx512vbmi;
const ConvKernel conv_strassen_avx512vbmi =
    strassen_kernel("strassen_avx512vbmi", Isa::kAvx512Vbmi);

}  // namespace weq::kernels
