#include "converters/report/metrics.h"

#include <algorithm>
#include <cmath>

namespace weq::convert {

size_t arg_max(const float* values, size_t count) {
  size_t best = 0;
  for (size_t i = 1; i < count; ++i) {
    if (values[i] > values[best]) best = i;
  }
  return best;
}

size_t rank_of(const float* values, size_t count, size_t index) {
  size_t before = 0;
  for (size_t i = 0; i < count; ++i) {
    if (values[i] > values[index] || (values[i] == values[index] && i < index)) ++before;
  }
  return before;
}

void SignalToNoise::add(const float* reference, const float* other, size_t count) {
  double signal = 0, noise = 0;
  for (size_t i = 0; i < count; ++i) {
    const double f = reference[i];
    const double difference = f - static_cast<double>(other[i]);
    signal += f * f;
    noise += difference * difference;
  }
  signal_ += signal;
  noise_ += noise;
}

void SignalToNoise::merge(const SignalToNoise& later) {
  signal_ += later.signal_;
  noise_ += later.noise_;
}

double SignalToNoise::db() const {
  constexpr double kCap = 200;
  if (noise_ == 0) return kCap;
  const double db = 10 * std::log10(signal_ / noise_);
  return std::isnan(db) ? -kCap : std::clamp(db, -kCap, kCap);
}

}  // namespace weq::convert
