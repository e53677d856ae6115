#include "kernels/requantize/avx512vnni_lookup.h"
// The lookup comes first: the body is written in terms of it.
#include "kernels/conv_strassen/avx512_body.h"

namespace weq::kernels {

extern const ConvKernel conv_strassen_avx512vnni;
const ConvKernel conv_strassen_avx512vnni =
    strassen_kernel("strassen_avx512vnni", Isa::kAvx512Vnni);

}  // namespace weq::kernels
