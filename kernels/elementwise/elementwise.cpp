#include "kernels/elementwise/elementwise.h"

#include "kernels/select.h"

namespace weq::kernels {

const ElementwiseKernel* const kElementwiseKernels[] = {
#define WEQ_KERNEL(variable) &variable,
#include "kernels/elementwise/kernels.inc"
#undef WEQ_KERNEL
};
const int kElementwiseKernelCount = sizeof(kElementwiseKernels) / sizeof(kElementwiseKernels[0]);

const ElementwiseKernel& select_elementwise(Isa limit, bool code_bytes) {
  if (code_bytes) return elementwise_reference;
  return select_kernel(kElementwiseKernels, kElementwiseKernelCount, limit);
}

}  // namespace weq::kernels
