#include <algorithm>
#include <array>
#include <cmath>

#include "converters/quantize/integer_levels.h"
#include "converters/quantize/weight_list.h"

namespace weq::convert {
namespace {

constexpr int kFactors = 33;
constexpr double kFirstFactor = 0.6, kFactorStep = 0.025;
constexpr int kRefits = 4;

// Boundaries between integer levels are halves of integers, so floor(2x) finds the nearest level
// exactly.
class NearestLevel {
 public:
  explicit NearestLevel(const std::vector<int8_t>& levels) {
    size_t k = 0;
    for (int half = -kRange; half < kRange; ++half) {
      while (k + 1 < levels.size() && levels[k] + levels[k + 1] <= half) ++k;
      code_[static_cast<size_t>(half + kRange)] = static_cast<uint8_t>(k);
    }
  }
  uint8_t operator()(double x) const {
    const double half = std::clamp(std::floor(2 * x), -double{kRange}, double{kRange - 1});
    return code_[static_cast<size_t>(static_cast<int>(half) + kRange)];
  }

 private:
  static constexpr int kRange = 512;
  std::array<uint8_t, 2 * kRange> code_;
};

struct Fit {
  double error = 0;
  double product = 0, square = 0;  // of weight and level, of level and level
};

Fit fit_at(const WeightList& list, const std::vector<int8_t>& levels, double scale) {
  Fit fit;
  size_t begin = 0;
  for (size_t k = 0; k < levels.size(); ++k) {
    size_t end = list.size();
    if (k + 1 < levels.size()) end = list.lower_bound(scale * (levels[k] + levels[k + 1]) / 2);
    const double level = levels[k];
    const double mass = list.mass[end] - list.mass[begin];
    const double first = list.first[end] - list.first[begin];
    const double second = list.second[end] - list.second[begin];
    fit.error += second - 2 * scale * level * first + scale * scale * level * level * mass;
    fit.product += level * first;
    fit.square += level * level * mass;
    begin = end;
  }
  return fit;
}

}  // namespace

double search_channel_scale(const float* weights, const float* importance, size_t count,
                            const std::vector<int8_t>& levels, double scale) {
  const bool idle = std::all_of(weights, weights + count, [](float w) { return w == 0; });
  if (idle || !(scale > 0)) return scale;
  const WeightList list = make_weight_list(weights, importance, count);
  double best = scale;
  Fit best_fit = fit_at(list, levels, scale);
  for (int i = 0; i < kFactors; ++i) {
    const double candidate = scale * (kFirstFactor + kFactorStep * i);
    const Fit fit = fit_at(list, levels, candidate);
    if (fit.error < best_fit.error) {
      best = candidate;
      best_fit = fit;
    }
  }
  for (int i = 0; i < kRefits && best_fit.square > 0 && best_fit.product > 0; ++i) {
    const double candidate = best_fit.product / best_fit.square;
    const Fit fit = fit_at(list, levels, candidate);
    if (!(fit.error < best_fit.error)) break;
    best = candidate;
    best_fit = fit;
  }
  return best;
}

void assign_nearest(const float* weights, size_t count, double scale,
                    const std::vector<int8_t>& levels, uint8_t* codes) {
  const NearestLevel nearest(levels);
  for (size_t i = 0; i < count; ++i) {
    codes[i] = nearest(scale > 0 ? static_cast<double>(weights[i]) / scale : 0.0);
  }
}

}  // namespace weq::convert
