// What calibration keeps of one tensor: counts over log2|x| in bins of 1/32 octave, signs apart.
// Size is fixed (about 50 KB), adding is streaming.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weq::convert {

class Histogram {
 public:
  static constexpr int kBinsPerOctave = 32;
  static constexpr int kMinOctave = -48, kMaxOctave = 48;  // |x| outside counts in the end bins
  static constexpr int kBins = (kMaxOctave - kMinOctave) * kBinsPerOctave;

  Histogram();

  // Adds `count` values; NaN and infinities are counted in `not_finite` and else ignored.
  void add(const float* values, size_t count);
  // Counts add exactly; sums are floating point, so merge in a fixed order.
  void merge(const Histogram& other);

  // Bin i holds |x| in [edge(i), edge(i + 1)), edge(i) = 2^((kMinOctave * 32 + i) / 32).
  static double edge(int bin);
  static int bin_of(float magnitude);  // magnitude > 0, finite

  uint64_t positive(int bin) const { return positive_[static_cast<size_t>(bin)]; }
  uint64_t negative(int bin) const { return negative_[static_cast<size_t>(bin)]; }
  uint64_t positives() const { return positives_; }
  uint64_t negatives() const { return negatives_; }
  uint64_t zeros() const { return zeros_; }
  uint64_t count() const { return positives_ + negatives_ + zeros_; }
  uint64_t not_finite() const { return not_finite_; }
  double min() const { return min_; }  // 0 while empty
  double max() const { return max_; }
  double sum() const { return sum_; }
  double sum_of_squares() const { return sum_of_squares_; }

 private:
  std::vector<uint64_t> positive_, negative_;
  uint64_t positives_ = 0, negatives_ = 0, zeros_ = 0, not_finite_ = 0;
  double min_ = 0, max_ = 0, sum_ = 0, sum_of_squares_ = 0;
};

}  // namespace weq::convert
