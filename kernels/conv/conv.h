// Convolution on levels: acc[o] = sum_k Lw[cw(o,k)] * La[ca(k)], exact in int32, then requantize.
// The contract of every convolution family (conv_direct, conv_lut, conv_shift, conv_depthwise). A
// matrix product is a convolution with a 1x1 kernel; `batch * out_h * out_w` are its rows.
//
// Layout: activations are stored bytes, channels last [batch][h][w][c], without gaps or borders.
// Weights are canonical packed codes (out_c, kernel_h, kernel_w, in_c / groups), low bits first;
// each kernel repacks them once.
//
// A run has two stages, each split over threads by the caller with a barrier between them:
//   gather   work items of the input (a padded copy, an index image...) into `gathered`; optional
//   run      work items of the output
// Overflow: the caller guarantees |acc| < 2^31 for every order of summation (proven from the
// codes). Start value: kernels that multiply stored bytes subtract offset * sum(Lw) when they pack.
#pragma once

#include "kernels/contract.h"
#include "kernels/isa.h"
#include "kernels/requantize/requantize.h"

namespace weq::kernels {

struct ConvShape {
  int32_t batch = 1, in_h = 1, in_w = 1, in_c = 1;
  int32_t out_h = 1, out_w = 1, out_c = 1;
  int32_t kernel_h = 1, kernel_w = 1;
  int32_t stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  int32_t pad_top = 0, pad_left = 0;  // bottom and right follow from out_h and out_w
  int32_t groups = 1;

  int64_t macs() const {
    return int64_t{batch} * out_h * out_w * out_c * kernel_h * kernel_w * (in_c / groups);
  }
};

struct ConvWeights {
  const uint8_t* codes = nullptr;  // packed, `bits` each, ceil(count * bits / 8) bytes
  int32_t bits = 8;                // 1..8
  const int8_t* levels = nullptr;  // level of each code, `level_count` entries
  int32_t level_count = 0;
};

// What the converter computed from the real codes and the loader recomputed (quantization.md 3).
struct ConvBounds {
  int32_t max_abs_weight = 0;  // max |Lw| over the codes in use
  int32_t lut_flush3 = 0;      // lookups of 3 channels whose byte sum is exact; 0: none
  int32_t lut_flush2 = 0;      // the same for lookups of 2 channels
  int32_t sum16_flush = 0;     // vpmaddubsw results whose 16-bit sum is exact; 0: none
  // Largest transformed weights (conv_winograd/range.h); 0 unless 3x3 (winograd_line and _centre:
  // or 5x5), stride and dilation 1, one group or at least 32 inputs of each. A line is a row or a
  // column of the kernel. A 5x5 kernel counts as four 3x3 kernels, each axis as the taps (0, 1,
  // none) and (2, 3, 4).
  int32_t winograd_line = 0;  // |w0 +- w1 + w2| of every line
  int32_t winograd_centre =
      0;                  // the same across both axes: |sum of all 9| under four sign patterns
  int32_t winograd4 = 0;  // |U| of F(4x4,3x3), rows (6,0,0), (-4,+-4,-4), (1,+-2,4), (0,0,24)
  int64_t max_abs_acc = INT64_MAX;   // conv/bounds.h
  int64_t max_one_sign = INT64_MAX;  // |sum of the weights of one sign| of every output channel
};

struct ConvProblem {
  ConvShape shape;
  ConvWeights weights;
  const LevelMap* input = nullptr;
  const uint8_t* pad_bytes = nullptr;  // one byte per input channel; nullptr when nothing is padded
  ConvBounds bounds;
};

struct ConvCall {
  const ConvProblem* problem = nullptr;
  const void* packed = nullptr;  // what `pack` wrote
  const uint8_t* input = nullptr;
  uint8_t* gathered = nullptr;  // gather_bytes(problem) bytes; written by gather, read by run
  const RequantizeKernel* requantize = nullptr;
  const Epilogue* epilogue = nullptr;
  // Whole tensors, channels last; a kernel offsets them to its tile (target.h). Rows of the
  // residual lie out_c apart, rows of the outputs `out_stride` elements, 0 for out_c: more where
  // they are part of a wider tensor, of which nothing else may be written.
  const uint8_t* residual = nullptr;
  uint8_t* bytes[2] = {nullptr, nullptr};
  int32_t* units = nullptr;
  ptrdiff_t out_stride = 0;
};

struct ConvKernel {
  const char* name;    // e.g. "direct_avx512vnni": unique
  const char* family;  // what WEQ_FORCE_KERNEL names: "reference", "direct", "lut", "shift"...
  Isa isa;
  // nullptr when the kernel takes the problem, else the reason in a few words (a static string).
  const char* (*refuse)(const ConvProblem& problem);
  // Estimated cycles of one run on one thread, for the selection among those that accept; weights
  // in cache (memory.h adds their reading).
  double (*cost)(const ConvProblem& problem);
  size_t (*packed_bytes)(const ConvProblem& problem);
  void (*pack)(const ConvProblem& problem, void* packed);
  size_t (*gather_bytes)(const ConvProblem& problem);  // 0: no gather stage
  int64_t (*gather_items)(const ConvProblem& problem);
  void (*gather)(const ConvCall& call, int64_t begin, int64_t end);
  int64_t (*items)(const ConvProblem& problem);
  size_t (*workspace_bytes)(const ConvProblem& problem);  // per thread
  void (*run)(const ConvCall& call, int64_t begin, int64_t end, void* workspace);
};

// The gather entries of kernels without that stage.
size_t no_gather_bytes(const ConvProblem& problem);
int64_t no_gather_items(const ConvProblem& problem);
void no_gather(const ConvCall& call, int64_t begin, int64_t end);

// In order of preference at equal cost; the last entry is the reference, which takes everything.
extern const ConvKernel* const kConvKernels[];
extern const int kConvKernelCount;

}  // namespace weq::kernels
