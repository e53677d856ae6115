#include "kernels/resize/resize.h"

namespace weq::kernels {

#include "kernels/resize/loops.inc"

const ResizeKernel resize_avx512vnni = {"resize_avx512vnni", Isa::kAvx512Vnni, false, run};

}  // namespace weq::kernels
