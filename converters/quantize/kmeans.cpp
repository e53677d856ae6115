#include "converters/quantize/kmeans.h"

#include <algorithm>
#include <cmath>

#include "converters/quantize/partition.h"
#include "converters/quantize/weighted_entropy.h"

namespace weq::convert {
namespace {

constexpr size_t kGroups = 8192;
constexpr size_t kTableLimit = 8000000;  // list length times centres: bounds time and memory
constexpr int kMaxRounds = 2000;

double squared_error(const WeightList& list, size_t i, size_t j, double centre) {
  const double mass = list.mass[j] - list.mass[i];
  const double first = list.first[j] - list.first[i];
  const double second = list.second[j] - list.second[i];
  return std::max(0.0, second - 2 * centre * first + centre * centre * mass);
}

double mean_of(const WeightList& list, size_t i, size_t j) {
  const double mass = list.mass[j] - list.mass[i];
  if (j == i + 1 || mass <= 0) return list.value[i];
  return (list.first[j] - list.first[i]) / mass;
}

class SquaredErrorGain {
 public:
  explicit SquaredErrorGain(const WeightList& list)
      : mass_(list.mass.data()), first_(list.first.data()), second_(list.second.data()) {}
  double operator()(size_t i, size_t j) const {
    const double mass = mass_[j] - mass_[i];
    if (j == i + 1 || mass <= 0) return 0;
    const double first = first_[j] - first_[i];
    return std::min(0.0, first * first / mass - (second_[j] - second_[i]));
  }

 private:
  const double *mass_, *first_, *second_;
};

// The best segments of which exactly one has its centre at 0; that one may be empty. Two programmes
// side by side: `free` has no such segment yet, `pinned` has one.
std::vector<double> centres_with_zero(const WeightList& list, size_t centres) {
  const SquaredErrorGain gain(list);
  const size_t n = list.size();
  constexpr int32_t kHere = int32_t{1} << 30;  // marks that this segment is the pinned one
  std::vector<double> free(n + 1, kNoGain), pinned(n + 1, kNoGain), next_free, next_pinned;
  std::vector<std::vector<int32_t>> free_from(centres), pinned_from(centres);
  free[0] = 0;
  for (size_t k = 0; k < centres; ++k) {
    advance_partition(gain, n, 1, pinned, &next_pinned, &pinned_from[k]);
    next_pinned[0] = kNoGain;
    double best = kNoGain;
    int32_t best_i = 0;
    for (size_t j = 0; j <= n; ++j) {
      if (free[j] + list.second[j] > best) {
        best = free[j] + list.second[j];
        best_i = static_cast<int32_t>(j);
      }
      if (best - list.second[j] > next_pinned[j]) {
        next_pinned[j] = best - list.second[j];
        pinned_from[k][j] = best_i | kHere;
      }
    }
    if (k + 1 < centres) {
      advance_partition(gain, n, 1, free, &next_free, &free_from[k]);
      free.swap(next_free);
    }
    pinned.swap(next_pinned);
  }
  std::vector<double> out(centres);
  size_t end = n;
  bool is_pinned = true;
  for (size_t k = centres; k-- > 0;) {
    const int32_t entry = (is_pinned ? pinned_from : free_from)[k][end];
    const bool here = is_pinned && (entry & kHere) != 0;
    const size_t begin = static_cast<size_t>(entry & ~kHere);
    out[k] = here ? 0.0 : mean_of(list, begin, end);
    if (here) is_pinned = false;
    end = begin;
  }
  return out;
}

std::vector<double> best_centres(const WeightList& list, size_t centres, bool zero) {
  if (zero) return centres_with_zero(list, centres);
  const std::vector<size_t> cuts =
      best_partition(SquaredErrorGain(list), list.size(), centres, false);
  std::vector<double> out;
  for (size_t k = 0; k < centres; ++k) out.push_back(mean_of(list, cuts[k], cuts[k + 1]));
  return out;
}

std::vector<size_t> nearest_cuts(const WeightList& list, const std::vector<double>& centres) {
  std::vector<size_t> cuts = {0};
  for (size_t k = 1; k < centres.size(); ++k) {
    cuts.push_back(list.lower_bound(centres[k - 1] + (centres[k] - centres[k - 1]) / 2));
  }
  cuts.push_back(list.size());
  return cuts;
}

// Centres to the means of their cells, cells to the nearest centres, until no cell changes.
void refine(const WeightList& list, bool zero, std::vector<double>* centres) {
  std::vector<size_t> cuts = nearest_cuts(list, *centres);
  for (int round = 0; round < kMaxRounds; ++round) {
    for (size_t k = 0; k < centres->size(); ++k) {
      const bool fixed = zero && (*centres)[k] == 0;
      if (!fixed && cuts[k + 1] > cuts[k]) (*centres)[k] = mean_of(list, cuts[k], cuts[k + 1]);
    }
    std::vector<size_t> moved = nearest_cuts(list, *centres);
    if (moved == cuts) return;
    cuts.swap(moved);
  }
}

std::vector<double> starting_centres(const WeightList& list, size_t centres, bool zero,
                                     const std::vector<double>& start) {
  std::vector<size_t> cuts = {0};
  for (size_t k = 1; k < centres; ++k) {
    const double share = list.total() * static_cast<double>(k) / static_cast<double>(centres);
    const auto at = std::lower_bound(list.mass.begin(), list.mass.end(), share);
    const size_t place = start.size() + 1 == centres ? list.lower_bound(start[k - 1])
                                                     : static_cast<size_t>(at - list.mass.begin());
    cuts.push_back(std::clamp(place, cuts.back() + 1, list.size() - (centres - k)));
  }
  cuts.push_back(list.size());
  std::vector<double> out;
  for (size_t k = 0; k < centres; ++k) out.push_back(mean_of(list, cuts[k], cuts[k + 1]));
  if (zero) {
    const auto nearest = std::min_element(
        out.begin(), out.end(), [](double a, double b) { return std::fabs(a) < std::fabs(b); });
    *nearest = 0;
  }
  return out;
}

}  // namespace

double nearest_cost(const WeightList& list, const std::vector<double>& centres) {
  const std::vector<size_t> cuts = nearest_cuts(list, centres);
  double cost = 0;
  for (size_t k = 0; k < centres.size(); ++k) {
    cost += squared_error(list, cuts[k], cuts[k + 1], centres[k]);
  }
  return cost;
}

KMeans cluster_squared_error(const WeightList& list, size_t centres, bool zero, Search search,
                             const std::vector<double>& start) {
  KMeans out;
  const bool zero_occurs = std::binary_search(list.value.begin(), list.value.end(), 0.0);
  if (list.size() + (zero && !zero_occurs ? 1 : 0) <= centres) {
    out.centres = list.value;
    if (zero && !zero_occurs) out.centres.push_back(0);
  } else if (search == Search::kLocal) {
    out.centres = starting_centres(list, centres, zero, start);
    refine(list, zero, &out.centres);
  } else if (list.size() <= kExactLimit && list.size() * centres <= kTableLimit) {
    out.centres = best_centres(list, centres, zero);
  } else {
    std::vector<size_t> end;
    out.centres = best_centres(group_neighbours(list, kGroups, &end), centres, zero);
    refine(list, zero, &out.centres);
    std::vector<double> other = starting_centres(list, centres, zero, start);
    refine(list, zero, &other);
    if (nearest_cost(list, other) < nearest_cost(list, out.centres)) out.centres = other;
    out.grouped = true;
  }
  std::sort(out.centres.begin(), out.centres.end());
  out.centres.erase(std::unique(out.centres.begin(), out.centres.end()), out.centres.end());
  out.cost = nearest_cost(list, out.centres);
  return out;
}

}  // namespace weq::convert
