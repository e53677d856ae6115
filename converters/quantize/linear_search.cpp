#include <algorithm>
#include <cmath>
#include <limits>

#include "converters/quantize/activation_search.h"

namespace weq::convert {
namespace {

// Errors of the magnitudes of one sign when codes 0..n of distance `unit` serve it, for every n up
// to `most`.
std::vector<double> side_errors(const SideMoments& data, double unit, int most) {
  std::vector<double> errors(static_cast<size_t>(most) + 1);
  double inner = 0;
  Moments before;
  for (int n = 0; n <= most; ++n) {
    const double level = unit * n;
    errors[static_cast<size_t>(n)] = inner + (data.all() - before).error(level);
    const Moments after = data.below(level + unit / 2);
    inner += (after - before).error(level);
    before = after;
  }
  return errors;
}

struct Candidate {
  double error = std::numeric_limits<double>::infinity();
  double unit = 1;
  int negative = 0, positive = 0;
};

void try_unit(const DataMoments& data, double unit, int codes, int most, Candidate* best) {
  const int steps = codes - 1;
  const bool both = data.has_negative();
  const std::vector<double> positive = side_errors(data.positive(), unit, std::min(steps, most));
  const std::vector<double> negative =
      side_errors(data.negative(), unit, both ? std::min(steps, most) : 0);
  for (int below = 0; below < static_cast<int>(negative.size()); ++below) {
    const int above = std::min({steps - below, most, steps});
    const double error =
        negative[static_cast<size_t>(below)] + positive[static_cast<size_t>(above)];
    if (error < best->error) *best = {error, unit, below, above};
  }
}

}  // namespace

ActivationCode search_linear(const DataMoments& data, const ActivationOptions& options) {
  const int codes = 1 << options.bits;
  const double high = data.positive().largest(), low = data.negative().largest();
  Candidate best;
  best.positive = std::min(codes - 1, options.max_level);
  const double range = high + low;
  if (range > 0 && data.all().squares > 0) {
    const double count = data.all().count - data.below(0).count;
    const double rms = std::sqrt(data.all().squares / std::max(1.0, count));
    const int sides = std::min(codes - 1, options.max_level * (low > 0 && high > 0 ? 2 : 1));
    const double widest = range / sides;
    // Sixteenths of an octave down from the unit that clips nothing, then finer around the best.
    const int octaves = std::clamp(static_cast<int>(std::ceil(std::log2(range / rms))) + 3, 4, 40);
    for (int i = -4; i <= 16 * octaves; ++i) {
      try_unit(data, widest * std::exp2(-i / 16.0), codes, options.max_level, &best);
    }
    const double centre = best.unit;
    for (int i = -7; i <= 7; ++i) {
      try_unit(data, centre * std::exp2(i / 128.0), codes, options.max_level, &best);
    }
  }
  ActivationCode code;
  code.kind = CodeKind::kLinear;
  code.unit = static_cast<double>(static_cast<float>(best.unit));
  code.negative_codes = best.negative;
  for (int level = -best.negative; level <= best.positive; ++level) {
    code.levels.push_back(code.unit * level);
  }
  code.boundaries = midway(code.levels);
  return code;
}

}  // namespace weq::convert
