// The unit q of a layer's v, and the thresholds of its outputs in that unit.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "converters/quantize/requantize_fit.h"

namespace weq::convert {

struct UnitChoice {
  float unit = 1;
  int64_t v_bound = 0;
  std::vector<FitThresholds> outputs;
};

// The largest |v| and |intermediate value| a fit may reach: a little room below 2^31.
inline constexpr int64_t kValueLimit = (int64_t{1} << 31) - (int64_t{1} << 16);

// `bound_at(q)` is the proven bound on |v| with unit q, or -1 where it does not fit; it must fit
// for large q. `smallest` is where the search begins. A linear output decides q (its own unit over
// a power of two), else the grid does, else q is the smallest that fits.
UnitChoice choose_unit(const std::vector<FitOutput>& outputs, double smallest, double max_snap_db,
                       const std::function<int64_t(double)>& bound_at);

}  // namespace weq::convert
