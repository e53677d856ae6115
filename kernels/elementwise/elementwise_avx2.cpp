#include "kernels/elementwise/elementwise.h"

namespace weq::kernels {

#include "kernels/elementwise/loops.inc"

const ElementwiseKernel elementwise_avx2 = {"elementwise_avx2", Isa::kAvx2,     false,          add,
                                            multiply,           extremum<true>, extremum<false>};

}  // namespace weq::kernels
