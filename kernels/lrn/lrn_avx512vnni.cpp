#include "kernels/lrn/lrn.h"

namespace weq::kernels {

#include "kernels/lrn/loops.inc"

const LrnKernel lrn_avx512vnni = {"lrn_avx512vnni", Isa::kAvx512Vnni, false, run};

}  // namespace weq::kernels
