#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <stdexcept>

#include "converters/quantize/activation_search.h"
#include "converters/quantize/integer_levels.h"

namespace weq::convert {
namespace {

constexpr int kByteSpan = 255;
constexpr int kShiftLimit = 1 << 15;
constexpr int kUnitsPerOctave = 160;

// A choice of integers for (some of) the codes.
struct Rounding {
  std::vector<int32_t> levels;
  std::vector<size_t> code;  // of which real level each is made
  std::vector<double> boundaries;
  double unit = 1;
  double error = std::numeric_limits<double>::infinity();
};

class Rounder {
 public:
  Rounder(const DataMoments& data, const ActivationCode& code, const IntegerCodeOptions& options)
      : data_(data), code_(code), fixed_(options.criterion == Criterion::kWeightedEntropy) {}

  // levels[k] for every code, ascending, equal neighbours allowed: of those the one that lies
  // nearest to its integer stays.
  void offer(const std::vector<int32_t>& levels, double unit) {
    Rounding out;
    out.unit = unit;
    for (size_t k = 0; k < levels.size(); ++k) {
      if (out.levels.empty() || out.levels.back() != levels[k]) {
        if (!out.levels.empty()) {
          const double middle = unit * (0.5 * out.levels.back() + 0.5 * levels[k]);
          out.boundaries.push_back(fixed_ ? code_.boundaries[k - 1] : middle);
        }
        out.levels.push_back(levels[k]);
        out.code.push_back(k);
      } else if (distance(k, levels[k], unit) < distance(out.code.back(), levels[k], unit)) {
        out.code.back() = k;
      }
    }
    std::vector<double> real;
    for (const int32_t level : out.levels) real.push_back(unit * level);
    out.error = data_.relative_error(real, out.boundaries);
    const bool better = out.error < best_.error * (1 - 1e-9);
    if (best_.levels.empty() || better) best_ = std::move(out);
  }
  const Rounding& best() const { return best_; }

 private:
  double distance(size_t k, int32_t level, double unit) const {
    return std::fabs(code_.levels[k] - unit * level);
  }

  const DataMoments& data_;
  const ActivationCode& code_;
  bool fixed_;
  Rounding best_;
};

double largest_of(const std::vector<double>& levels) {
  return std::max(std::fabs(levels.front()), std::fabs(levels.back()));
}

void round_generally(const ActivationCode& code, int max_level, Rounder* rounder) {
  const double largest = largest_of(code.levels);
  for (int i = 0; i <= 2 * kUnitsPerOctave; ++i) {
    const double top = (max_level + 0.49) * std::exp2(-static_cast<double>(i) / kUnitsPerOctave);
    if (top < 0.5) break;
    const double unit = largest / top;
    std::vector<int32_t> levels;
    for (const double real : code.levels) {
      levels.push_back(static_cast<int32_t>(std::lround(real / unit)));
    }
    if (levels.back() - levels.front() <= kByteSpan) rounder->offer(levels, unit);
  }
}

bool round_linearly(const ActivationCode& code, int max_level, Rounder* rounder) {
  std::vector<int32_t> levels;
  for (const double real : code.levels) {
    levels.push_back(static_cast<int32_t>(std::lround(real / code.unit)));
  }
  if (levels.back() > max_level || levels.front() < -max_level ||
      levels.back() - levels.front() > kByteSpan) {
    return false;
  }
  rounder->offer(levels, code.unit);
  return true;
}

// The integers that stand for the powers of 2^(1/classes) within an octave.
std::vector<int32_t> class_mantissas(int step) {
  if (step == 16) return {1};
  if (step == 8) return {12, 17};
  return {16, 19, 23, 27};
}

void round_to_shifts(const ActivationCode& code, Rounder* rounder) {
  const std::vector<int32_t> mantissas = class_mantissas(code.step);
  const size_t classes = mantissas.size();
  const size_t zero = static_cast<size_t>(code.negative_codes);
  const size_t side = std::max(zero, code.levels.size() - 1 - zero);
  // Places of a log code: 0 is the smallest magnitude. As many as fit below the limit stay.
  size_t places = 0;
  while (places < side &&
         (static_cast<int64_t>(mantissas[places % classes]) << (places / classes)) <= kShiftLimit) {
    ++places;
  }
  const size_t dropped = side - places;
  const auto level_at = [&](size_t place) {
    if (place < dropped) return int32_t{0};
    const size_t kept = place - dropped;
    return mantissas[kept % classes] << (kept / classes);
  };
  std::vector<int32_t> levels;
  for (size_t k = zero; k-- > 0;) levels.push_back(-level_at(k));
  levels.push_back(0);
  for (size_t k = 0; k + zero + 1 < code.levels.size(); ++k) levels.push_back(level_at(k));
  const double unit =
      largest_of(code.levels) / std::max(std::abs(levels.front()), std::abs(levels.back()));
  for (int i = -16; i <= 16; ++i) rounder->offer(levels, unit * std::exp2(i / 512.0));
}

}  // namespace

IntegerCode integer_code(const Histogram& histogram, const ActivationCode& code,
                         const IntegerCodeOptions& options) {
  if (options.max_level < 1 || options.max_level > kByteSpan) {
    throw std::invalid_argument("the largest activation level lies in 1..255");
  }
  const DataMoments data(histogram, options.allow_negative);
  Rounder rounder(data, code, options);
  const bool log = code.kind == CodeKind::kLog || code.kind == CodeKind::kSignedLog;
  if (options.shift && log && (code.step == 16 || code.step == 8 || code.step == 4)) {
    round_to_shifts(code, &rounder);
  } else if (code.kind != CodeKind::kLinear || !round_linearly(code, options.max_level, &rounder)) {
    round_generally(code, options.max_level, &rounder);
  }
  const Rounding& best = rounder.best();
  IntegerCode out;
  out.kind = code.kind;
  out.levels = best.levels;
  out.boundaries = best.boundaries;
  for (const size_t k : best.code) out.real_levels.push_back(code.levels[k]);
  out.unit = static_cast<float>(best.unit);
  out.code_bytes = out.levels.back() - out.levels.front() > kByteSpan;
  out.offset = out.code_bytes ? 0 : -std::min(0, out.levels.front());
  const auto zero = std::find(out.levels.begin(), out.levels.end(), 0);
  out.negative_codes = static_cast<int>(zero - out.levels.begin());
  out.step = code.step;
  out.fsr = code.fsr;
  if (log && out.negative_codes + 1 < static_cast<int>(best.code.size())) {
    const int next = static_cast<int>(best.code[static_cast<size_t>(out.negative_codes) + 1]);
    out.fsr += code.step * (next - code.negative_codes - 1);
  }
  out.squared_error = best.error;
  return out;
}

}  // namespace weq::convert
