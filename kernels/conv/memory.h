// How long a convolution takes with its weights on the way from where they lie between two runs of
// a network.
#pragma once

#include <cstddef>

#include "kernels/conv/conv.h"

namespace weq::kernels {

// Cycles to read `bytes` once on one thread. Weights that fit a cache beside others are taken to
// lie there. Rates as measured on Zen 4 (bytes per cycle of a plain loop: 32 from the second-level
// cache, 20 to 27 from the third, 6.3 from memory), the third level's halved for its sharers.
inline double weight_cycles(size_t bytes) {
  const double rate = bytes <= 384 * 1024 ? 30.0 : bytes <= 12 * 1024 * 1024 ? 12.0 : 6.3;
  return double(bytes) / rate;
}

// What selection compares: arithmetic and reading overlap by half (3x3 layers of 512 channels at
// 7x7 within ResNet-50).
inline double conv_cycles(const ConvKernel& kernel, const ConvProblem& problem) {
  const double work = kernel.cost(problem);
  const double reading = weight_cycles(kernel.packed_bytes(problem));
  return work > reading ? work + reading / 2 : reading + work / 2;
}

}  // namespace weq::kernels
