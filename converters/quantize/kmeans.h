// Optimal one-dimensional k-means on a sorted list: least sum of mass * (value - centre)^2.
#pragma once

#include <cstddef>
#include <vector>

#include "converters/quantize/codebook.h"
#include "converters/quantize/weight_list.h"

namespace weq::convert {

struct KMeans {
  std::vector<double> centres;  // ascending, distinct
  double cost = 0;              // of the whole list, every value at its nearest centre
  bool grouped = false;
};

// `centres` >= 1 in all; with `zero` one of them is exactly 0 (and kept even if no value wants it).
// Fewer come back where there are fewer distinct values. `start`: boundaries to begin with (local).
KMeans cluster_squared_error(const WeightList& list, size_t centres, bool zero, Search search,
                             const std::vector<double>& start);

// Cost of given ascending centres, every value at its nearest.
double nearest_cost(const WeightList& list, const std::vector<double>& centres);

}  // namespace weq::convert
