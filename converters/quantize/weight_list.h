// A sorted list of distinct values with weights and prefix sums: what every one-dimensional
// clustering of this folder works on. Sums are in double (quantization.md, section 1).
#pragma once

#include <cstddef>
#include <vector>

namespace weq::convert {

// n distinct values, ascending; all prefix sums have n + 1 entries, entry 0 being 0.
struct WeightList {
  std::vector<double> value;
  std::vector<double> mass;    // prefix sums of the weights (of the counts where none are given)
  std::vector<double> first;   // of weight * value
  std::vector<double> second;  // of weight * value^2

  size_t size() const { return value.size(); }
  double total() const { return mass.back(); }
  // Index of the first value that is >= x.
  size_t lower_bound(double x) const;
};

// Equal values become one entry. `importance` (same length, >= 0) may be null: every value
// weighs 1. The result does not depend on the order of `values` beyond the rounding of importance
// sums. NaN is not allowed. -0 is 0. Cost: a radix sort.
WeightList make_weight_list(const float* values, const float* importance, size_t count);

// The same for |values|.
WeightList make_magnitude_list(const float* values, const float* importance, size_t count);

// Neighbours of `list` joined into at most `groups` entries at their weighted mean, finest where
// values are many or large; `end[g]` is the index in `list` just behind group g.
WeightList group_neighbours(const WeightList& list, size_t groups, std::vector<size_t>* end);

}  // namespace weq::convert
