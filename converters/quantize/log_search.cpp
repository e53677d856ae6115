#include <algorithm>
#include <cmath>
#include <limits>

#include "converters/quantize/activation_search.h"

namespace weq::convert {
namespace {

constexpr int kMaxStep = 32;
constexpr int kLowest = 16 * Histogram::kMinOctave, kHighest = 16 * Histogram::kMaxOctave;
constexpr int kExponents = kHighest - kLowest + 1;
constexpr double kNever = std::numeric_limits<double>::infinity();

double value_of(int exponent) { return std::exp2(exponent / 16.0); }
size_t index(int exponent) { return static_cast<size_t>(exponent - kLowest); }

// Costs of the codes of one sign for one step, by their exponent: a sum over the codes of a
// candidate is then a difference of prefix sums.
class SideCosts {
 public:
  SideCosts() : inner_(kExponents), last_(kExponents), head_(kExponents) {}

  // Squared error; boundaries midway between neighbours, and between 0 and the first level.
  void squared_error(const SideMoments& data, int step) {
    step_ = step;
    none_ = data.all().squares;
    for (int e = kLowest; e <= kHighest; ++e) {
      const double here = value_of(e);
      const Moments from = data.below((value_of(e - step) + here) / 2);
      const Moments to = data.below((here + value_of(e + step)) / 2);
      const Moments head = data.below(here / 2);
      // The lowest level's cell begins midway to 0: `head` pays the difference.
      head_[index(e)] = head.squares + (from - head).error(here);
      inner_[index(e)] = (to - from).error(here);
      last_[index(e)] = (data.all() - from).error(here);
    }
    accumulate();
  }

  // Minus the weighted entropy; `total` is the N of the frequencies.
  void entropy(const SideMoments& data, int step, double total) {
    step_ = step;
    none_ = 0;
    const auto term = [total](double value, double count) {
      const double p = count / total;
      return p > 0 ? value * p * std::log(p) : 0.0;
    };
    const auto below = [&data](int half) {  // boundaries lie at half sixteenths: exactly on bins
      return data.count_below_bin(std::clamp(half - 2 * kLowest, 0, Histogram::kBins));
    };
    for (int e = kLowest; e <= kHighest; ++e) {
      const double from = below(2 * e - step), to = below(2 * e + step);
      head_[index(e)] = 0;
      inner_[index(e)] = term(value_of(e), to - from);
      last_[index(e)] = term(value_of(e), data.all().count - from);
    }
    accumulate();
  }

  // Cost of `codes` codes from `fsr` upwards; kNever where they leave the range.
  double operator()(int fsr, int codes) const {
    if (codes == 0) return none_;
    const int top = fsr + step_ * (codes - 1);
    if (fsr < kLowest || top > kHighest) return kNever;
    return head_[index(fsr)] + inner_[index(top)] - inner_[index(fsr)] + last_[index(top)];
  }

 private:
  // inner_[e] becomes the sum over e - step, e - 2 step, ...
  void accumulate() {
    std::vector<double> sums(kExponents, 0.0);
    for (int e = kLowest + step_; e <= kHighest; ++e) {
      sums[index(e)] = sums[index(e - step_)] + inner_[index(e - step_)];
    }
    inner_.swap(sums);
  }

  std::vector<double> inner_, last_, head_;
  double none_ = 0;
  int step_ = 1;
};

int exponent_of(double magnitude) {
  if (!(magnitude > 0)) return 0;
  return std::clamp(static_cast<int>(std::lround(16 * std::log2(magnitude))), kLowest, kHighest);
}

}  // namespace

ActivationCode search_log(const Histogram& histogram, const DataMoments& data,
                          const ActivationOptions& options) {
  const bool entropy = options.criterion == Criterion::kWeightedEntropy;
  const bool both = options.allow_negative && data.has_negative();
  const int codes = (1 << options.bits) - 1;
  const double total =
      static_cast<double>(histogram.positives() + (both ? histogram.negatives() : 0));
  if (total <= 0) return make_log_code(-4 * (codes - 1), 4, 0, codes, options.criterion);

  const int highest = exponent_of(std::max(data.positive().largest(), data.negative().largest()));
  SideCosts positive, negative;
  double best = kNever;
  int best_fsr = 0, best_step = 1, best_negative = 0;
  for (int step = 1; step <= kMaxStep; ++step) {
    if (entropy) {
      positive.entropy(data.positive(), step, total);
      if (both) negative.entropy(data.negative(), step, total);
    } else {
      positive.squared_error(data.positive(), step);
      if (both) negative.squared_error(data.negative(), step);
    }
    const int end = std::min(kHighest, highest + kMaxStep);
    for (int fsr = kLowest; fsr <= end; ++fsr) {
      for (int below = 0; below <= (both ? codes : 0); ++below) {
        const double cost = positive(fsr, codes - below) + (both ? negative(fsr, below) : 0.0);
        if (cost < best) {
          best = cost;
          best_fsr = fsr;
          best_step = step;
          best_negative = below;
        }
      }
    }
  }
  return make_log_code(best_fsr, best_step, best_negative, codes - best_negative,
                       options.criterion);
}

}  // namespace weq::convert
