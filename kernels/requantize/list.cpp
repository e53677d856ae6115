#include "kernels/requantize/requantize.h"
#include "kernels/select.h"

namespace weq::kernels {

#define WEQ_KERNEL(variable) extern const RequantizeKernel variable;
#include "kernels/requantize/kernels.inc"
#undef WEQ_KERNEL

const RequantizeKernel* const kRequantizeKernels[] = {
#define WEQ_KERNEL(variable) &variable,
#include "kernels/requantize/kernels.inc"
#undef WEQ_KERNEL
};
const int kRequantizeKernelCount = sizeof(kRequantizeKernels) / sizeof(kRequantizeKernels[0]);

const RequantizeKernel& select_requantize(Isa limit) {
  return select_kernel(kRequantizeKernels, kRequantizeKernelCount, limit);
}

}  // namespace weq::kernels
