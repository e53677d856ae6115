// Thresholds on a grid of few mantissa bits, where a table indexed by the top bits of float(v)
// finds the code exactly (quantization.md, section 4; kernels/requantize/requantize.h).
#pragma once

#include <cstdint>
#include <vector>

namespace weq::convert {

inline constexpr int kGridCells = 128;  // of one table

// Boundaries in units of v: ascending, ±infinity allowed at the ends.
struct GridFit {
  bool both_signs = false;
  double snap_db = 0;  // estimated cost of moving the boundaries
  std::vector<int32_t> thresholds;
};

// Snaps to the grid (2^bits + j) * 2^e, bits 3..5, so that one table (or one for each sign) covers
// all. Negative boundaries become 1 - T of a positive
// one.
GridFit snap_to_grid(const std::vector<double>& boundaries, int bits);

// The smallest v > 0 whose conversion to float (to nearest even) reaches `point`, 1 <= point <
// 2^31.
int32_t smallest_reaching(double point);

// Exact thresholds: the smallest integers that are >= the boundaries, clamped to int32.
std::vector<int32_t> exact_thresholds(const std::vector<double>& boundaries);

}  // namespace weq::convert
