// Local response normalisation over channels (quantization.md, section 4):
//
//   s = sum of squared levels over the channels c - (size-1)/2 .. c + size/2 that exist
//   f = factors[clamp((bits(float(s)) >> 20) - base, 0, 127)]
//   v = ((level * f + round) >> pre_shift) * multiplier + addend
//
// exact in int32: the caller has proven that s, level * f + round and v fit.
#pragma once

#include "kernels/contract.h"
#include "kernels/isa.h"

namespace weq::kernels {

struct LrnTerms {
  int32_t size = 1, base = 0;         // size: 1..255
  const uint16_t* factors = nullptr;  // 128, each below 2^15
  int32_t pre_shift = 0, multiplier = 0, addend = 0;
  const LevelMap* map = nullptr;
};

struct LrnKernel {
  const char* name;
  Isa isa;
  bool code_bytes;  // takes code bytes; the fast ones take level bytes alone
  // `pixels` pixels of `channels` stored bytes each; v has no gaps.
  void (*run)(const uint8_t* x, int64_t pixels, int32_t channels, const LrnTerms& terms,
              int32_t* v);
};

#define WEQ_KERNEL(variable) extern const LrnKernel variable;
#include "kernels/lrn/kernels.inc"
#undef WEQ_KERNEL

// Best first; the last entry is the reference.
extern const LrnKernel* const kLrnKernels[];
extern const int kLrnKernelCount;

// The first kernel that `limit` allows; the reference for code bytes.
const LrnKernel& select_lrn(Isa limit, bool code_bytes);

}  // namespace weq::kernels
