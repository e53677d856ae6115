// Running moments of the data behind a histogram: how many values lie below x, their sum and their
// sum of squares. Within a bin data are taken as evenly spread (the outermost bins end at the
// extremes), so that the error of a code follows from its boundaries alone.
#pragma once

#include <vector>

#include "converters/quantize/histogram.h"

namespace weq::convert {

struct Moments {
  double count = 0, sum = 0, squares = 0;

  Moments operator-(const Moments& o) const {
    return {count - o.count, sum - o.sum, squares - o.squares};
  }
  Moments operator+(const Moments& o) const {
    return {count + o.count, sum + o.sum, squares + o.squares};
  }
  // Sum of (x - level)^2 over the data that these moments describe.
  double error(double level) const;
};

// The magnitudes of one sign.
class SideMoments {
 public:
  SideMoments(const Histogram& histogram, bool negative);

  Moments below(double magnitude) const;  // of data with |x| < magnitude
  const Moments& all() const { return prefix_.back(); }
  double largest() const { return largest_; }
  double count_below_bin(int bin) const { return prefix_[static_cast<size_t>(bin)].count; }

 private:
  std::vector<Moments> prefix_;  // of all bins before
  double largest_ = 0;
};

class DataMoments {
 public:
  // Without `allow_negative` the negative values are left out: they read as 0 and shall.
  DataMoments(const Histogram& histogram, bool allow_negative);

  Moments below(double x) const;  // signed; zeros lie below every x > 0
  Moments all() const { return all_; }
  const SideMoments& positive() const { return positive_; }
  const SideMoments& negative() const { return negative_; }  // magnitudes
  bool has_negative() const { return negative_.all().count > 0; }

  // Sum of squared errors of a code, over the sum of squares (0 when that is 0).
  double relative_error(const std::vector<double>& levels,
                        const std::vector<double>& boundaries) const;

 private:
  SideMoments positive_, negative_;
  Moments all_;
  double zeros_;
};

}  // namespace weq::convert
