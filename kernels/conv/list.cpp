#include "kernels/conv/conv.h"

namespace weq::kernels {

#define WEQ_KERNEL(variable) extern const ConvKernel variable;
#include "kernels/conv/kernels.inc"
#undef WEQ_KERNEL

const ConvKernel* const kConvKernels[] = {
#define WEQ_KERNEL(variable) &variable,
#include "kernels/conv/kernels.inc"
#undef WEQ_KERNEL
};
const int kConvKernelCount = sizeof(kConvKernels) / sizeof(kConvKernels[0]);

}  // namespace weq::kernels
