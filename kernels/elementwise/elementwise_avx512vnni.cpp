#include "kernels/elementwise/elementwise.h"

namespace weq::kernels {

#include "kernels/elementwise/loops.inc"

const ElementwiseKernel elementwise_avx512vnni = {
    "elementwise_avx512vnni", Isa::kAvx512Vnni, false, add, multiply,
    extremum<true>,           extremum<false>};

}  // namespace weq::kernels
