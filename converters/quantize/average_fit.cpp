#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

#include "converters/quantize/requantize_fit.h"
#include "converters/quantize/unit_choice.h"

namespace weq::convert {
namespace {

constexpr int kScaleBits = 24;

int64_t scaled(double multiplier) { return std::llround(std::ldexp(multiplier, kScaleBits)); }

}  // namespace

int64_t average_multiplier(int64_t scaled_multiplier, int scale_bits, int64_t n) {
  return (2 * scaled_multiplier / n + (int64_t{1} << scale_bits)) >> (scale_bits + 1);
}

AverageFit fit_average(double unit_in, LevelRange levels, int64_t max_window, bool sum, double bias,
                       const std::vector<FitOutput>& outputs) {
  if (max_window < 1 || !std::isfinite(unit_in) || !std::isfinite(bias)) {
    throw std::invalid_argument("an average needs a window, a finite unit and a finite bias");
  }
  const int64_t largest = std::max(std::abs(int64_t{levels.low}), std::abs(int64_t{levels.high}));
  if (largest * max_window > kValueLimit) {
    throw std::invalid_argument("the sum over a window leaves 32 bits");
  }
  // n * M(n) is M1 / 2^s, plus n halves of rounding, at most; one more for the division.
  const auto bound_at = [&](double q) -> int64_t {
    const double real = std::fabs(unit_in) / q * (sum ? static_cast<double>(max_window) : 1.0);
    if (real * static_cast<double>(largest) + std::fabs(bias) / q >
        2 * static_cast<double>(kValueLimit)) {
      return -1;
    }
    const int64_t c = std::abs(static_cast<int64_t>(std::llround(bias / q)));
    const int64_t whole = (std::abs(scaled(unit_in / q)) >> kScaleBits) + 1;
    const int64_t per_level = sum ? (whole + 1) * max_window : whole + max_window / 2 + 2;
    const int64_t bound = largest * per_level + c;
    return bound <= kValueLimit && whole + 1 <= kValueLimit ? bound : -1;
  };
  const double reach = std::fabs(unit_in) * static_cast<double>(largest) *
                           (sum ? static_cast<double>(max_window) : 1.0) +
                       std::fabs(bias);
  const UnitChoice choice = choose_unit(outputs, reach / static_cast<double>(kValueLimit),
                                        FitRequest().max_snap_db, bound_at);
  AverageFit out;
  const double q = static_cast<double>(choice.unit);
  out.scaled_multiplier = scaled(unit_in / q);
  out.scale_bits = kScaleBits;
  out.addend = static_cast<int32_t>(std::llround(bias / q));
  out.unit = choice.unit;
  out.v_bound = choice.v_bound;
  out.outputs = choice.outputs;
  return out;
}

}  // namespace weq::convert
