// How long weights take from where they lie between two runs of a network.
#pragma once

#include <cstddef>

namespace weq::kernels {

// Cycles to read `bytes` once on one thread. A layer that fits a cache beside others is taken to
// lie there; rates as measured on Zen 4 (kernels of conv_stream, weights cold beyond each level).
inline double weight_cycles(size_t bytes) {
  const double rate = bytes <= 384 * 1024 ? 28.0 : bytes <= 12 * 1024 * 1024 ? 12.0 : 6.0;
  return double(bytes) / rate;
}

}  // namespace weq::kernels
