#include "converters/quantize/threshold_grid.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace weq::convert {
namespace {

constexpr double kEnd = 2147483648.0;  // 2^31

int32_t cell_of(int32_t magnitude, int bits) {
  const float f = static_cast<float>(magnitude);
  int32_t pattern;
  std::memcpy(&pattern, &f, sizeof pattern);
  return pattern >> (23 - bits);
}

// The grid point nearest to a positive number, at least 1.
double nearest_point(double x, int bits) {
  const int exponent = std::ilogb(x);  // 2^exponent <= x
  const double step = std::max(1.0, std::exp2(exponent - bits));
  return std::max(1.0, std::round(x / step) * step);
}

// The smallest magnitude a table has a cell for when `largest` is its last threshold: one cell
// below it must stay free.
double smallest_point(int32_t largest, int bits) {
  const int32_t pattern = (cell_of(largest, bits) - (kGridCells - 2)) << (23 - bits);
  float point;
  std::memcpy(&point, &pattern, sizeof point);
  return std::max(1.0, static_cast<double>(point));
}

// Distance of the levels on both sides of boundary k, as far as the boundaries tell.
double level_gap(const std::vector<double>& finite, size_t k) {
  if (finite.size() == 1) return std::max(1.0, std::fabs(finite[0]));
  const double left = k > 0 ? finite[k] - finite[k - 1] : finite[k + 1] - finite[k];
  const double right = k + 1 < finite.size() ? finite[k + 1] - finite[k] : left;
  return std::max((left + right) / 2, 1e-9);
}

}  // namespace

int32_t smallest_reaching(double point) {
  // Conversion is monotone, and up to 2^24 exact: look in the half step below.
  int64_t low = static_cast<int64_t>(point) - (int64_t{1} << 8), high = static_cast<int64_t>(point);
  low = std::max<int64_t>(low, 0);
  while (low + 1 < high) {
    const int64_t middle = low + (high - low) / 2;
    if (static_cast<double>(static_cast<float>(middle)) >= point) {
      high = middle;
    } else {
      low = middle;
    }
  }
  return static_cast<int32_t>(high);
}

std::vector<int32_t> exact_thresholds(const std::vector<double>& boundaries) {
  std::vector<int32_t> out;
  for (const double b : boundaries) {
    const double t = std::ceil(b);
    if (t >= kEnd - 1) {
      out.push_back(std::numeric_limits<int32_t>::max());
    } else if (t <= -kEnd) {
      out.push_back(std::numeric_limits<int32_t>::min());
    } else {
      out.push_back(static_cast<int32_t>(t));
    }
  }
  return out;
}

GridFit snap_to_grid(const std::vector<double>& boundaries, int bits) {
  GridFit out;
  out.thresholds = exact_thresholds(boundaries);
  std::vector<double> finite;
  std::vector<size_t> at;
  for (size_t k = 0; k < boundaries.size(); ++k) {
    if (std::fabs(boundaries[k]) < kEnd) {
      finite.push_back(boundaries[k]);
      at.push_back(k);
    }
  }
  if (finite.empty()) return out;
  // What is too small for the tables moves up to their first cell: it costs, and the cost is told.
  double first[2] = {1, 1};  // of positive thresholds and of the others
  for (const double b : {finite.back(), -finite.front()}) {
    const bool negative = b != finite.back();
    if (b >= 1) first[negative] = smallest_point(smallest_reaching(nearest_point(b, bits)), bits);
  }
  double cost = 0;
  for (size_t i = 0; i < finite.size(); ++i) {
    const double b = finite[i];
    const bool negative = b <= 0;
    const double point = nearest_point(std::max(std::fabs(b), first[negative]), bits);
    const int32_t magnitude = smallest_reaching(point);
    out.thresholds[at[i]] = negative ? 1 - magnitude : magnitude;
    out.both_signs = out.both_signs || negative;
    const double moved =
        std::max(0.0, std::fabs(out.thresholds[at[i]] - b) - 1) / level_gap(finite, i);
    cost += 12 * moved * moved;
  }
  out.snap_db = 10 * std::log10(1 + cost / static_cast<double>(finite.size()));
  return out;
}

}  // namespace weq::convert
