// Gain and shift that bring a channel's quantized output back to the float one (quantization.md,
// section 7; accuracy.md 3.1). They land in the multiplier and the addend: free at run time.
#pragma once

#include <cstdint>

namespace weq::convert {

// Sums over positions and images of one channel: x the quantized output, y the float one.
struct ChannelSums {
  uint64_t n = 0;
  double x = 0, y = 0, xx = 0, xy = 0, yy = 0;

  void add(double quantized, double reference);
  void merge(const ChannelSums& other);  // in a fixed order
};

enum class Correction {
  kLeastSquares,  // least squared error of gain * x + shift against y
  kVariance,      // equal mean and standard deviation; safer on few images
};

// y is approximated by gain * x + shift.
struct ChannelCorrection {
  double gain = 1, shift = 0;
};

// The gain is clamped to [1/2, 2]; a channel that hardly varies (or falls where it should rise)
// keeps gain 1 and has its mean moved only. n = 0: nothing changes.
ChannelCorrection correct_channel(const ChannelSums& sums, Correction correction);

}  // namespace weq::convert
