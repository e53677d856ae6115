#include "kernels/lrn/lrn.h"

#include "kernels/select.h"

namespace weq::kernels {

const LrnKernel* const kLrnKernels[] = {
#define WEQ_KERNEL(variable) &variable,
#include "kernels/lrn/kernels.inc"
#undef WEQ_KERNEL
};
const int kLrnKernelCount = sizeof(kLrnKernels) / sizeof(kLrnKernels[0]);

const LrnKernel& select_lrn(Isa limit, bool code_bytes) {
  if (code_bytes) return lrn_reference;
  return select_kernel(kLrnKernels, kLrnKernelCount, limit);
}

}  // namespace weq::kernels
