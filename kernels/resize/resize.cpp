#include "kernels/resize/resize.h"

#include "kernels/select.h"

namespace weq::kernels {

const ResizeKernel* const kResizeKernels[] = {
#define WEQ_KERNEL(variable) &variable,
#include "kernels/resize/kernels.inc"
#undef WEQ_KERNEL
};
const int kResizeKernelCount = sizeof(kResizeKernels) / sizeof(kResizeKernels[0]);

const ResizeKernel& select_resize(Isa limit, bool code_bytes) {
  if (code_bytes) return resize_reference;
  return select_kernel(kResizeKernels, kResizeKernelCount, limit);
}

}  // namespace weq::kernels
