// Windows of a channels-last image, all inside it (borders are cut off by the caller, window.h):
//
//   maximum   out = the largest stored byte of the window (bytes are monotone in value)
//   average   v   = (sum of levels in the window) * multiplier + addend      (quantization.md 4)
//
// A call computes a run of windows of one size, `step` bytes apart: the interior of an output row,
// or a single window at a border. Averages are exact in int32: the caller has proven that the
// results fit. Outputs of neighbouring windows lie `out_step` elements apart, and exactly
// `channels` of each are written. Reads stay inside the windows, but for at most kSlack bytes after
// them.
#pragma once

#include "kernels/contract.h"
#include "kernels/isa.h"

namespace weq::kernels {

struct WindowRun {
  const uint8_t* x = nullptr;     // first channel of the first window's first position
  int32_t rows = 1, columns = 1;  // positions of a window
  ptrdiff_t row_stride = 0, column_stride = 0;  // bytes between positions: dilation included
  int32_t channels = 0;
  int32_t windows = 1;
  ptrdiff_t step = 0;      // bytes from one window to the next
  ptrdiff_t out_step = 0;  // elements from one output to the next
};

struct AverageTerms {
  int32_t multiplier = 0, addend = 0;
  const LevelMap* map = nullptr;
};

struct PoolKernel {
  const char* name;
  Isa isa;
  bool code_bytes;  // averages take code bytes; the fast ones take level bytes alone
  void (*maximum)(const WindowRun& run, uint8_t* out);
  void (*average)(const WindowRun& run, const AverageTerms& terms, int32_t* v);
};

#define WEQ_KERNEL(variable) extern const PoolKernel variable;
#include "kernels/pool/kernels.inc"
#undef WEQ_KERNEL

// Best first; the last entry is the reference.
extern const PoolKernel* const kPoolKernels[];
extern const int kPoolKernelCount;

// The first kernel that `limit` allows; the reference for averages of code bytes.
const PoolKernel& select_pool(Isa limit, bool code_bytes);

}  // namespace weq::kernels
