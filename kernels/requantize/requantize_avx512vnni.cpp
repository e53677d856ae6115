#include "kernels/requantize/avx512vnni_lookup.h"
// The lookup comes first: the body is written in terms of it.
#include "kernels/requantize/avx512_body.h"

namespace weq::kernels {

extern const RequantizeKernel requantize_avx512vnni;
const RequantizeKernel requantize_avx512vnni = {"requantize_avx512vnni", Isa::kAvx512Vnni, run};

}  // namespace weq::kernels
