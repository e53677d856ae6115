#include "kernels/requantize/avx512vbmi_lookup.h"
// The lookup comes first: the body is written in terms of it.
#include "kernels/requantize/avx512_body.h"

namespace weq::kernels {

extern const RequantizeKernel requantize_avx512vbmi;
const RequantizeKernel requantize_avx512vbmi = {"requantize_avx512vbmi", Isa::kAvx512Vbmi, run};

}  // namespace weq::kernels
