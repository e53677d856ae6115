// y[i] = table[x[i]]. x and y may be the same memory.
#pragma once

#include "kernels/contract.h"
#include "kernels/isa.h"

namespace weq::kernels {

struct TableKernel {
  const char* name;
  Isa isa;
  // 256 entries for all `count` bytes.
  void (*run)(const uint8_t* x, const uint8_t* table, int64_t count, uint8_t* y);
};

#define WEQ_KERNEL(variable) extern const TableKernel variable;
#include "kernels/table/kernels.inc"
#undef WEQ_KERNEL

// Best first; the last entry is the reference.
extern const TableKernel* const kTableKernels[];
extern const int kTableKernelCount;

const TableKernel& select_table(Isa limit);

// 256 entries per channel, channels last: y[r][c] = tables[256 * c + x[r][c]].
void table_per_channel(const uint8_t* x, const uint8_t* tables, int64_t rows, int64_t channels,
                       uint8_t* y);

}  // namespace weq::kernels
