// Bilinear interpolation of levels, channels last (quantization.md, section 4):
//
//   acc = sum over the four neighbours of level * weight_y * weight_x      weights sum to 256 * 256
//   v   = ((acc + round) >> pre_shift) * multiplier + addend
//
// exact in int32: the caller has proven that acc, its rounding and v fit.
#pragma once

#include "kernels/contract.h"
#include "kernels/isa.h"

namespace weq::kernels {

// One output position of one axis: the value is (256 - weight) * first + weight * second.
struct LinearTap {
  int32_t first = 0, second = 0;  // positions in the input
  int32_t weight = 0;             // 0..255
};

struct LinearTerms {
  int32_t pre_shift = 0, multiplier = 0, addend = 0;
  const LevelMap* map = nullptr;
};

struct ResizeKernel {
  const char* name;
  Isa isa;
  bool code_bytes;  // takes code bytes; the fast ones take level bytes alone
  // `count` pixels of one output row: x points at the image, `row_bytes` from one of its rows to
  // the next; `vertical` says which two rows, taps[i] which two pixels. v has no gaps.
  void (*run)(const uint8_t* x, int64_t row_bytes, int32_t channels, const LinearTap& vertical,
              const LinearTap* taps, int32_t count, const LinearTerms& terms, int32_t* v);
};

#define WEQ_KERNEL(variable) extern const ResizeKernel variable;
#include "kernels/resize/kernels.inc"
#undef WEQ_KERNEL

// Best first; the last entry is the reference.
extern const ResizeKernel* const kResizeKernels[];
extern const int kResizeKernelCount;

// The first kernel that `limit` allows; the reference for code bytes.
const ResizeKernel& select_resize(Isa limit, bool code_bytes);

}  // namespace weq::kernels
