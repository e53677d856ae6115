#include "converters/quantize/weighted_entropy.h"

#include <algorithm>
#include <cmath>

#include "converters/quantize/partition.h"

namespace weq::convert {
namespace {

constexpr size_t kGroups = 8192;
constexpr size_t kScan = 256;     // the longest stretch in which every place is tried
constexpr size_t kSamples = 64;   // places tried of a longer one, before looking closer
constexpr int kMaxSweeps = 1000;  // many boundaries creep; what is left to gain then is nothing
constexpr double kMostLogs = 1 << 22;

// Logarithms of whole numbers up to `largest`, looked up where a table is not too large.
class LogTable {
 public:
  explicit LogTable(double largest) {
    if (largest > kMostLogs) return;
    const size_t n = static_cast<size_t>(largest);
    table_.resize(n + 1);
    for (size_t i = 1; i <= n; ++i) table_[i] = std::log(static_cast<double>(i));
  }
  double operator()(double whole) const {
    return table_.empty() ? std::log(whole) : table_[static_cast<size_t>(whole)];
  }

 private:
  std::vector<double> table_;
};

// N times the part of S that the segment [i, j) adds.
class EntropyGain {
 public:
  EntropyGain(const WeightList& list, const LogTable& log, double total)
      : mass_(list.mass.data()), second_(list.second.data()), log_(log), log_total_(log(total)) {}
  double operator()(size_t i, size_t j) const {
    return (second_[j] - second_[i]) * (log_total_ - log_(mass_[j] - mass_[i]));
  }

 private:
  const double *mass_, *second_;
  const LogTable& log_;
  double log_total_;
};

class LocalSearch {
 public:
  LocalSearch(const EntropyProblem& problem, const EntropyGain& gain)
      : gain_(gain), zero_cluster_(problem.zero_cluster) {}

  // Moves one boundary at a time to the best place between its neighbours until none moves.
  void run(std::vector<size_t>* cuts) const {
    for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
      bool moved = false;
      for (size_t k = 1; k + 1 < cuts->size(); ++k) {
        moved = place(cuts, k) || moved;
      }
      if (!moved) return;
    }
  }

  double total(const std::vector<size_t>& cuts) const {
    double sum = 0;
    for (size_t k = zero_cluster_ ? 1 : 0; k + 1 < cuts.size(); ++k) {
      sum += gain_(cuts[k], cuts[k + 1]);
    }
    return sum;
  }

 private:
  bool place(std::vector<size_t>* cuts, size_t k) const {
    const size_t begin = (*cuts)[k - 1], end = (*cuts)[k + 1];
    const bool head_free = zero_cluster_ && k == 1;
    const auto value = [&](size_t b) {
      return (head_free ? 0.0 : gain_(begin, b)) + gain_(b, end);
    };
    size_t best = (*cuts)[k];
    double best_value = value(best);
    // Long stretches: at even spacing first, then around the best. The gain has one hump in
    // practice.
    size_t low = begin + 1, high = end;  // candidates [low, high)
    while (low < high) {
      const size_t stride = high - low <= kScan ? 1 : (high - low) / kSamples;
      size_t centre = best;
      double centre_value = kNoGain;
      for (size_t b = low; b < high; b += stride) {
        const double here = value(b);
        if (here > centre_value) {
          centre_value = here;
          centre = b;
        }
      }
      if (centre_value > best_value) {
        best_value = centre_value;
        best = centre;
      }
      if (stride == 1) break;
      low = std::max(begin + 1, centre > stride ? centre - stride : 0);
      high = std::min(end, centre + stride + 1);
    }
    const bool moved = best != (*cuts)[k];
    (*cuts)[k] = best;
    return moved;
  }

  const EntropyGain& gain_;
  bool zero_cluster_;
};

std::vector<size_t> equal_counts(const WeightList& list, size_t clusters) {
  const size_t n = list.size();
  std::vector<size_t> cuts(clusters + 1);
  for (size_t k = 1; k < clusters; ++k) {
    const double target = list.total() * static_cast<double>(k) / static_cast<double>(clusters);
    const auto at = std::lower_bound(list.mass.begin(), list.mass.end(), target);
    const size_t place = static_cast<size_t>(at - list.mass.begin());
    cuts[k] = std::clamp(place, cuts[k - 1] + 1, n - (clusters - k));
  }
  cuts[clusters] = n;
  return cuts;
}

std::vector<size_t> from_start(const WeightList& list, size_t clusters,
                               const std::vector<double>& start) {
  if (start.size() + 1 != clusters) return equal_counts(list, clusters);
  std::vector<size_t> cuts(clusters + 1);
  for (size_t k = 1; k < clusters; ++k) {
    cuts[k] = list.lower_bound(start[k - 1]);
    if (cuts[k] <= cuts[k - 1]) return equal_counts(list, clusters);
  }
  cuts[clusters] = list.size();
  return cuts[clusters] > cuts[clusters - 1] ? cuts : equal_counts(list, clusters);
}

// Equal counts, moved until none moves: on groups first where the list is long.
std::vector<size_t> move_from_equal_counts(const EntropyProblem& problem, const LogTable& log,
                                           const WeightList& groups,
                                           const std::vector<size_t>& end) {
  std::vector<size_t> cuts = equal_counts(groups, problem.clusters);
  const EntropyGain gain(groups, log, problem.total);
  LocalSearch(problem, gain).run(&cuts);
  for (size_t& cut : cuts) cut = cut == 0 ? 0 : end[cut - 1];
  return cuts;
}

}  // namespace

EntropyClusters cluster_entropy(const EntropyProblem& problem, Search search,
                                const std::vector<double>& start) {
  const WeightList& list = *problem.magnitudes;
  const size_t n = list.size(), clusters = problem.clusters;
  const LogTable log(problem.total);
  const EntropyGain gain(list, log, problem.total);
  const LocalSearch local(problem, gain);
  EntropyClusters out;
  std::vector<size_t> end;
  if (n <= clusters) {  // every magnitude is a cluster of its own
    if (problem.zero_cluster && n < clusters && list.value[0] > 0) out.cuts.push_back(0);
    for (size_t k = 0; k <= n; ++k) out.cuts.push_back(k);
  } else if (search == Search::kLocal && (n <= kExactLimit || start.size() + 1 == clusters)) {
    out.cuts = from_start(list, clusters, start);
    local.run(&out.cuts);
  } else if (n <= kExactLimit) {
    out.cuts = best_partition(gain, n, clusters, problem.zero_cluster);
  } else {
    const WeightList groups = group_neighbours(list, kGroups, &end);
    out.cuts = move_from_equal_counts(problem, log, groups, end);
    local.run(&out.cuts);
    if (search == Search::kExact) {
      const EntropyGain group_gain(groups, log, problem.total);
      std::vector<size_t> best =
          best_partition(group_gain, groups.size(), clusters, problem.zero_cluster);
      for (size_t& cut : best) cut = cut == 0 ? 0 : end[cut - 1];
      local.run(&best);
      if (local.total(best) >= local.total(out.cuts)) out.cuts = best;
    }
    out.grouped = true;
  }
  out.entropy = local.total(out.cuts) / problem.total;
  return out;
}

}  // namespace weq::convert
