#include "kernels/resize/resize.h"

namespace weq::kernels {

#include "kernels/resize/loops.inc"

const ResizeKernel resize_avx2 = {"resize_avx2", Isa::kAvx2, false, run};

}  // namespace weq::kernels
