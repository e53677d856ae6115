#include "kernels/lrn/lrn.h"

namespace weq::kernels {

#include "kernels/lrn/loops.inc"

const LrnKernel lrn_avx2 = {"lrn_avx2", Isa::kAvx2, false, run};

}  // namespace weq::kernels
