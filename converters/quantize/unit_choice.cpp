#include "converters/quantize/unit_choice.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "converters/quantize/threshold_grid.h"

namespace weq::convert {
namespace {

constexpr int64_t kEnd = int64_t{1} << 31;
constexpr int kMaxShift = 24;
constexpr int kPlaces = 64;  // units tried within an octave to place the grid
constexpr int kFinestGrid = 5, kCoarsestGrid = 3;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

using BoundAt = std::function<int64_t(double)>;

// Rounded up, so that what fits still fits.
double as_float(double q) {
  float f = static_cast<float>(q);
  if (static_cast<double>(f) < q) f = std::nextafter(f, std::numeric_limits<float>::infinity());
  return static_cast<double>(f);
}

double smallest_fitting(double q, const BoundAt& bound_at) {
  q = as_float(std::max(q, 1e-30));
  for (int i = 0; i < 100000; ++i) {
    if (bound_at(q) >= 0) return q;
    q = as_float(q * (1 + 1.0 / 2048));
  }
  throw std::invalid_argument("no unit keeps the layer's output inside 32 bits");
}

// Boundaries in units of q; those that no |v| <= bound can tell apart become infinite.
std::vector<double> in_units(const std::vector<double>& boundaries, double q, int64_t bound) {
  std::vector<double> out;
  for (const double b : boundaries) {
    const double t = b / q;
    const bool never = t > static_cast<double>(bound) + 1,
               always = t < -static_cast<double>(bound) - 1;
    out.push_back(never ? kInfinity : always ? -kInfinity : t);
  }
  return out;
}

// The exponent s with unit = q * 2^s, or -1.
int shift_between(double unit, double q) {
  const double ratio = unit / q;
  const int s = ratio > 0 ? std::ilogb(ratio) : -1;
  return s >= 0 && std::ldexp(q, s) == unit ? s : -1;
}

FitThresholds linear_thresholds(const FitOutput& output, int shift) {
  FitThresholds out;
  out.form = FitForm::kLinear;
  for (size_t k = 0; k < output.boundaries.size(); ++k) {
    const double b = output.boundaries[k];
    const int64_t above = static_cast<int64_t>(k) + output.first + 1;  // level of the upper code
    int64_t t = above * (int64_t{1} << shift) - (shift > 0 ? int64_t{1} << (shift - 1) : 0);
    if (std::isinf(b)) t = b < 0 ? -kEnd : kEnd - 1;
    out.values.push_back(static_cast<int32_t>(std::clamp(t, -kEnd, kEnd - 1)));
  }
  return out;
}

// (v + round) >> shift must stay inside int32.
bool linear_fits(const FitOutput& output, int shift, int64_t bound) {
  const int64_t zero = std::max<int64_t>(std::abs(output.first), std::abs(output.first + 1));
  return bound + zero * (int64_t{1} << shift) + (int64_t{1} << shift) < kEnd;
}

FitThresholds exact(const FitOutput& output, double q, int64_t bound) {
  FitThresholds out;
  out.values = exact_thresholds(in_units(output.boundaries, q, bound));
  return out;
}

// The grid that moves the boundaries least; exact thresholds where that is too much.
FitThresholds gridded(const FitOutput& output, double q, int64_t bound, double max_snap_db) {
  const std::vector<double> boundaries = in_units(output.boundaries, q, bound);
  FitThresholds out;
  out.snap_db = kInfinity;
  for (int bits = kFinestGrid; bits >= kCoarsestGrid; --bits) {
    GridFit grid = snap_to_grid(boundaries, bits);
    if (grid.snap_db >= out.snap_db) continue;
    out.values = std::move(grid.thresholds);
    out.form = grid.both_signs ? FitForm::kSignedGrid : FitForm::kGrid;
    out.grid_bits = bits;
    out.snap_db = grid.snap_db;
  }
  return out.snap_db <= max_snap_db ? out : exact(output, q, bound);
}

std::vector<FitThresholds> thresholds_at(const std::vector<FitOutput>& outputs, double q,
                                         int64_t bound, double max_snap_db) {
  std::vector<FitThresholds> out;
  for (const FitOutput& output : outputs) {
    const double unit = static_cast<double>(static_cast<float>(output.unit));
    const int shift = output.linear ? shift_between(unit, q) : -1;
    if (shift >= 0 && shift <= 30 && linear_fits(output, shift, bound)) {
      out.push_back(linear_thresholds(output, shift));
    } else {
      out.push_back(gridded(output, q, bound, max_snap_db));
    }
  }
  return out;
}

// The smallest unit / 2^s that fits, or 0.
double linear_unit(const FitOutput& output, double smallest, const BoundAt& bound_at) {
  const double unit = static_cast<double>(static_cast<float>(output.unit));
  for (int shift = kMaxShift; shift >= 0; --shift) {
    const double q = std::ldexp(unit, -shift);
    if (q < smallest) continue;
    const int64_t bound = bound_at(q);
    if (bound >= 0 && linear_fits(output, shift, bound)) return q;
  }
  return 0;
}

double cost_of(const std::vector<FitThresholds>& outputs) {
  double cost = 0;
  for (const FitThresholds& t : outputs) cost += t.form == FitForm::kSearch ? 1e3 : t.snap_db;
  return cost;
}

}  // namespace

UnitChoice choose_unit(const std::vector<FitOutput>& outputs, double smallest, double max_snap_db,
                       const BoundAt& bound_at) {
  smallest = smallest_fitting(smallest, bound_at);
  UnitChoice best;
  const auto take = [&](double q) {
    best.unit = static_cast<float>(q);
    best.v_bound = bound_at(q);
    best.outputs = thresholds_at(outputs, q, best.v_bound, max_snap_db);
  };
  for (const FitOutput& output : outputs) {
    const double q = output.linear ? linear_unit(output, smallest, bound_at) : 0;
    if (q > 0) {
      take(q);
      return best;
    }
  }
  take(smallest);
  double best_cost = cost_of(best.outputs);
  for (int i = 1; i < kPlaces && best_cost > 0; ++i) {
    const double q = as_float(smallest * std::exp2(static_cast<double>(i) / kPlaces));
    const int64_t bound = bound_at(q);
    if (bound < 0) continue;
    const double cost = cost_of(thresholds_at(outputs, q, bound, max_snap_db));
    if (cost < best_cost - 1e-3) {  // a coarser unit must be worth something
      best_cost = cost;
      take(q);
    }
  }
  return best;
}

}  // namespace weq::convert
