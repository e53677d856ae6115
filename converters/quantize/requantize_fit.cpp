#include "converters/quantize/requantize_fit.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "converters/quantize/unit_choice.h"

namespace weq::convert {
namespace {

constexpr double kEnoughBits = 1024;  // a median multiplier this large needs no pre-shift
constexpr int kMaxPreShift = 20;
constexpr double kTypical = 1.0 / 16;  // of the extremes: what accumulators usually reach

struct Integers {
  int pre_shift = 0;
  std::vector<int32_t> multiplier, addend;
  int32_t residual_factor = 0;
  int64_t bound = -1;
};

class Fitter {
 public:
  explicit Fitter(const FitRequest& request) : r_(request) { check(); }

  // The unit at which the real range alone fills the limit.
  double smallest() const {
    double largest = 0;
    const double residual = residual_magnitude();
    for (size_t o = 0; o < r_.multiplier.size(); ++o) {
      for (const int64_t acc : {r_.acc_low[o], r_.acc_high[o]}) {
        const double product = r_.multiplier[o] * static_cast<double>(acc);
        largest = std::max({largest, std::fabs(product), std::fabs(product + r_.bias[o]) + residual,
                            std::fabs(r_.bias[o])});
      }
    }
    return std::max(largest, residual) / static_cast<double>(kValueLimit);
  }

  Integers at(double q) const {
    Integers out;
    out.pre_shift = pre_shift_at(q);
    int64_t bound = 0;
    bool fits = true;
    const auto see = [&](int64_t v) {
      bound = std::max(bound, std::abs(v));
      fits = fits && std::abs(v) <= kValueLimit;
    };
    const auto rounded = [&](double x) {  // llround of what is certainly too large is undefined
      fits = fits && std::fabs(x) < static_cast<double>(kValueLimit);
      return fits ? static_cast<int64_t>(std::llround(x)) : 0;
    };
    const int64_t round = out.pre_shift > 0 ? int64_t{1} << (out.pre_shift - 1) : 0;
    const int64_t factor = rounded(r_.residual_unit / q);
    const int64_t residual[2] = {factor * r_.residual_low, factor * r_.residual_high};
    see(residual[0]);
    see(residual[1]);
    out.residual_factor = static_cast<int32_t>(factor);
    for (size_t o = 0; o < r_.multiplier.size() && fits; ++o) {
      const bool dead = r_.acc_low[o] == 0 && r_.acc_high[o] == 0;
      const int64_t m = dead ? 0 : rounded(std::ldexp(r_.multiplier[o], out.pre_shift) / q);
      const int64_t c = rounded(r_.bias[o] / q);
      see(c);
      for (const int64_t acc : {r_.acc_low[o], r_.acc_high[o]}) {
        fits = fits && acc + round < (int64_t{1} << 31);
        const int64_t product = ((acc + round) >> out.pre_shift) * m;
        see(product);
        see(product + c);
        see(product + c + residual[0]);
        see(product + c + residual[1]);
      }
      out.multiplier.push_back(static_cast<int32_t>(m));
      out.addend.push_back(static_cast<int32_t>(c));
    }
    out.bound = fits ? bound : -1;
    return out;
  }

 private:
  void check() const {
    const size_t n = r_.multiplier.size();
    if (n == 0 || r_.bias.size() != n || r_.acc_low.size() != n || r_.acc_high.size() != n) {
      throw std::invalid_argument("one multiplier, bias and accumulator range per channel");
    }
    for (size_t o = 0; o < n; ++o) {
      if (!std::isfinite(r_.multiplier[o]) || !std::isfinite(r_.bias[o])) {
        throw std::invalid_argument("a channel's multiplier or bias is not finite");
      }
      const int64_t limit = int64_t{1} << 31;
      if (r_.acc_low[o] > r_.acc_high[o] || r_.acc_low[o] <= -limit || r_.acc_high[o] >= limit) {
        throw std::invalid_argument("an accumulator leaves 32 bits");
      }
    }
    if (!std::isfinite(r_.residual_unit) || r_.outputs.size() > 2) {
      throw std::invalid_argument("a layer has a finite residual unit and up to two outputs");
    }
  }

  double residual_magnitude() const {
    const double level = std::max(std::fabs(r_.residual_low), std::fabs(r_.residual_high));
    return std::fabs(r_.residual_unit) * level;
  }

  // None where multipliers are precise anyway; else what makes the rounding of M times acc and the
  // rounding of acc times M least together.
  int pre_shift_at(double q) const {
    if (!r_.allow_pre_shift) return 0;
    std::vector<double> magnitudes, typical;
    for (size_t o = 0; o < r_.multiplier.size(); ++o) {
      const double acc =
          static_cast<double>(std::max(std::abs(r_.acc_low[o]), std::abs(r_.acc_high[o])));
      if (acc == 0) continue;
      magnitudes.push_back(std::fabs(r_.multiplier[o]) / q);
      typical.push_back(acc * kTypical);
    }
    if (magnitudes.empty()) return 0;
    std::vector<double> sorted = magnitudes;
    std::sort(sorted.begin(), sorted.end());
    if (sorted[sorted.size() / 2] >= kEnoughBits) return 0;
    int best = 0;
    double best_error = 0;
    for (int shift = 0; shift <= kMaxPreShift; ++shift) {
      double error = 0;
      for (size_t i = 0; i < magnitudes.size(); ++i) {
        const double a = std::ldexp(typical[i], -shift);
        const double m = shift > 0 ? std::ldexp(magnitudes[i], shift) : 0.0;
        error += a * a + m * m;
      }
      if (shift == 0 || error < best_error) {
        best = shift;
        best_error = error;
      }
    }
    return best;
  }

  const FitRequest& r_;
};

}  // namespace

RequantizeFit fit_requantize(const FitRequest& request) {
  const Fitter fitter(request);
  const UnitChoice choice = choose_unit(request.outputs, fitter.smallest(), request.max_snap_db,
                                        [&fitter](double q) { return fitter.at(q).bound; });
  Integers integers = fitter.at(static_cast<double>(choice.unit));
  RequantizeFit out;
  out.pre_shift = integers.pre_shift;
  out.multiplier = std::move(integers.multiplier);
  out.addend = std::move(integers.addend);
  out.residual_factor = integers.residual_factor;
  out.unit = choice.unit;
  out.v_bound = choice.v_bound;
  out.outputs = choice.outputs;
  return out;
}

AddFit fit_add(double unit_a, LevelRange a, double unit_b, LevelRange b, double bias,
               const std::vector<FitOutput>& outputs) {
  FitRequest request;
  request.multiplier = {unit_a};
  request.bias = {bias};
  request.acc_low = {a.low};
  request.acc_high = {a.high};
  request.residual_unit = unit_b;
  request.residual_low = b.low;
  request.residual_high = b.high;
  request.outputs = outputs;
  request.allow_pre_shift = false;
  RequantizeFit fit = fit_requantize(request);
  AddFit out;
  out.factor_a = fit.multiplier[0];
  out.factor_b = fit.residual_factor;
  out.addend = fit.addend[0];
  out.unit = fit.unit;
  out.v_bound = fit.v_bound;
  out.outputs = std::move(fit.outputs);
  return out;
}

RequantizeFit fit_scalar(double multiplier, double bias, int64_t acc_low, int64_t acc_high,
                         const std::vector<FitOutput>& outputs) {
  FitRequest request;
  request.multiplier = {multiplier};
  request.bias = {bias};
  request.acc_low = {acc_low};
  request.acc_high = {acc_high};
  request.outputs = outputs;
  return fit_requantize(request);
}

}  // namespace weq::convert
