#include "kernels/pool/pool.h"

#include "kernels/select.h"

namespace weq::kernels {

const PoolKernel* const kPoolKernels[] = {
#define WEQ_KERNEL(variable) &variable,
#include "kernels/pool/kernels.inc"
#undef WEQ_KERNEL
};
const int kPoolKernelCount = sizeof(kPoolKernels) / sizeof(kPoolKernels[0]);

const PoolKernel& select_pool(Isa limit, bool code_bytes) {
  if (code_bytes) return pool_reference;
  return select_kernel(kPoolKernels, kPoolKernelCount, limit);
}

}  // namespace weq::kernels
