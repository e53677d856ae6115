#include "converters/quantize/channel_correction.h"

#include <algorithm>
#include <cmath>

namespace weq::convert {
namespace {

constexpr double kLeastGain = 0.5, kLargestGain = 2.0;
constexpr double kDead = 1e-10;  // variance over mean square below which a channel is constant

}  // namespace

void ChannelSums::add(double quantized, double reference) {
  ++n;
  x += quantized;
  y += reference;
  xx += quantized * quantized;
  xy += quantized * reference;
  yy += reference * reference;
}

void ChannelSums::merge(const ChannelSums& other) {
  n += other.n;
  x += other.x;
  y += other.y;
  xx += other.xx;
  xy += other.xy;
  yy += other.yy;
}

ChannelCorrection correct_channel(const ChannelSums& sums, Correction correction) {
  ChannelCorrection out;
  if (sums.n == 0) return out;
  const double n = static_cast<double>(sums.n);
  const double mean_x = sums.x / n, mean_y = sums.y / n;
  const double var_x = sums.xx / n - mean_x * mean_x, var_y = sums.yy / n - mean_y * mean_y;
  const double covariance = sums.xy / n - mean_x * mean_y;
  const bool alive = var_x > kDead * sums.xx / n && var_y > kDead * sums.yy / n && covariance > 0;
  if (alive) {
    const double gain =
        correction == Correction::kVariance ? std::sqrt(var_y / var_x) : covariance / var_x;
    out.gain = std::clamp(gain, kLeastGain, kLargestGain);
  }
  out.shift = mean_y - out.gain * mean_x;
  return out;
}

}  // namespace weq::convert
