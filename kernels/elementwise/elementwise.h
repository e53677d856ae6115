// Two stored tensors, element by element, on a tile of rows and columns (quantization.md 4):
//
//   add        v = factor_a * La + factor_b * Lb + addend
//   multiply   v = ((La * Lb + round) >> pre_shift) * multiplier + addend
//   minimum, maximum   on stored bytes; both operands have one quantizer
//
// v is exact in int32: the caller has proven that the results, the product and its rounding fit.
// Broadcasting is a row distance of 0 or a column step of 0. Tiles of v have no gaps.
#pragma once

#include "kernels/contract.h"
#include "kernels/isa.h"

namespace weq::kernels {

struct PairTile {
  const uint8_t* a = nullptr;
  const uint8_t* b = nullptr;
  ptrdiff_t a_row = 0, b_row = 0;  // bytes from one row to the next
  int32_t a_step = 1, b_step = 1;  // bytes from one column to the next: 0 or 1
  int32_t rows = 0, columns = 0;
};

struct AddTerms {
  int32_t factor_a = 0, factor_b = 0, addend = 0;
  const LevelMap* a = nullptr;
  const LevelMap* b = nullptr;
};

struct MultiplyTerms {
  int32_t pre_shift = 0, multiplier = 0, addend = 0;
  const LevelMap* a = nullptr;
  const LevelMap* b = nullptr;
};

struct ElementwiseKernel {
  const char* name;
  Isa isa;
  bool code_bytes;  // takes code bytes; the fast ones take level bytes alone
  void (*add)(const PairTile& tile, const AddTerms& terms, int32_t* v);
  void (*multiply)(const PairTile& tile, const MultiplyTerms& terms, int32_t* v);
  void (*minimum)(const PairTile& tile, uint8_t* out, ptrdiff_t out_row);
  void (*maximum)(const PairTile& tile, uint8_t* out, ptrdiff_t out_row);
};

#define WEQ_KERNEL(variable) extern const ElementwiseKernel variable;
#include "kernels/elementwise/kernels.inc"
#undef WEQ_KERNEL

// Best first; the last entry is the reference.
extern const ElementwiseKernel* const kElementwiseKernels[];
extern const int kElementwiseKernelCount;

// The first kernel that `limit` allows; the reference when one of the tensors holds code bytes.
const ElementwiseKernel& select_elementwise(Isa limit, bool code_bytes);

}  // namespace weq::kernels
