#include "kernels/table/table.h"

#include "kernels/select.h"

namespace weq::kernels {

const TableKernel* const kTableKernels[] = {
#define WEQ_KERNEL(variable) &variable,
#include "kernels/table/kernels.inc"
#undef WEQ_KERNEL
};
const int kTableKernelCount = sizeof(kTableKernels) / sizeof(kTableKernels[0]);

const TableKernel& select_table(Isa limit) {
  return select_kernel(kTableKernels, kTableKernelCount, limit);
}

}  // namespace weq::kernels
