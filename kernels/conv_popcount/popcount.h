// Counting bits: convolutions of two codes on either side, what instruction sets share.
//
// With bits a (activation code) and b, levels La = l0 + d * a, the sum over a window is
//     opposite weights -w, w, b = code:     l0 * sum(Lw) + d * w * (count(b) - count(a ^ b))
//     weights 0 and w, b = (level is w):    l0 * sum(Lw) + d * w * count(a & b)
// all but the last count constant per output channel. Other pairs of weights need the count of a
// in every window and are refused.
//
// The image (conv_lut/layout.h, groups of 64 channels) holds a word of bits per group, channel i of
// the group in bit i; missing channels are 0.
// Packed weights: PopcountConstants; start values, int32 per output channel, padded to a block;
// panels, per block and word of the window: one word per channel.
#pragma once

#include "kernels/conv/conv.h"
#include "kernels/conv_lut/layout.h"

namespace weq::kernels {

inline constexpr int32_t kPopcountGroup = 64;  // channels of a word
inline constexpr int32_t kPopcountBlock = 32;  // output channels

struct PopcountConstants {
  int32_t scale;      // of the count
  int32_t exclusive;  // 1: of a ^ b, 0: of a & b
};

struct PopcountPacked {
  explicit PopcountPacked(const ConvShape& shape);
  size_t start, panels, block_bytes, bytes;
};

const char* popcount_refuse(const ConvProblem& problem);
void popcount_pack(const ConvProblem& problem, void* packed);

}  // namespace weq::kernels
