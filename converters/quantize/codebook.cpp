#include "converters/quantize/codebook.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "converters/quantize/kmeans.h"
#include "converters/quantize/weight_list.h"
#include "converters/quantize/weighted_entropy.h"

namespace weq::convert {
namespace {

constexpr int kMaxSymmetric = 255;  // integer levels -127..127

float above(double x) {
  return std::nextafter(static_cast<float>(x), std::numeric_limits<float>::infinity());
}

// A cluster of magnitudes: its representative and the smallest magnitude in it.
struct Cluster {
  double level, begin;
};

std::vector<Cluster> describe(const WeightList& list, const EntropyClusters& clusters,
                              bool zero_cluster) {
  std::vector<Cluster> out;
  for (size_t k = 0; k + 1 < clusters.cuts.size(); ++k) {
    const size_t i = clusters.cuts[k], j = clusters.cuts[k + 1];
    double level = 0;
    if (!(zero_cluster && k == 0)) {
      level = j == i + 1
                  ? list.value[i]
                  : std::sqrt((list.second[j] - list.second[i]) / (list.mass[j] - list.mass[i]));
    }
    out.push_back({level, i < list.size() ? list.value[i] : 0});
  }
  return out;
}

// Joins clusters of negative and of non-negative weights, both ascending by magnitude, into levels
// and boundaries; levels that are equal merge.
void assemble(const std::vector<Cluster>& negative, const std::vector<Cluster>& positive,
              Codebook* out) {
  const auto push = [out](double level, float boundary) {
    const float value = static_cast<float>(level) + 0.0f;
    if (!out->levels.empty()) {
      if (out->levels.back() == value) return;
      out->boundaries.push_back(boundary);
    }
    out->levels.push_back(value);
  };
  // A negative weight is in the upper of two clusters when it is nearer to 0 than the farther
  // cluster's smallest magnitude.
  for (size_t k = negative.size(); k-- > 0;) {
    push(-negative[k].level, k + 1 < negative.size() ? above(-negative[k + 1].begin) : 0.0f);
  }
  for (size_t k = 0; k < positive.size(); ++k) {
    float boundary = static_cast<float>(positive[k].begin);
    if (k == 0)
      boundary = positive[k].level == 0 && !negative.empty() ? above(-negative[0].begin) : 0.0f;
    push(positive[k].level, boundary);
  }
}

void split_starts(const std::vector<float>& start, std::vector<double>* negative,
                  std::vector<double>* positive) {
  for (const float b : start) {
    if (b > 0) positive->push_back(b);
    if (b < 0) negative->insert(negative->begin(), -static_cast<double>(b));
  }
}

EntropyClusters solve(const WeightList& list, double total, size_t clusters, bool zero_cluster,
                      const CodebookOptions& options, const std::vector<double>& start,
                      Codebook* out) {
  EntropyProblem problem;
  problem.magnitudes = &list;
  problem.total = total;
  problem.clusters = clusters;
  problem.zero_cluster = zero_cluster;
  EntropyClusters clustered = cluster_entropy(problem, options.search, start);
  out->objective += clustered.entropy;
  out->grouped = out->grouped || clustered.grouped;
  return clustered;
}

void symmetric_entropy(const float* weights, size_t count, int levels,
                       const CodebookOptions& options, Codebook* out) {
  const WeightList list = make_magnitude_list(weights, nullptr, count);
  std::vector<double> negative, positive;
  split_starts(options.start, &negative, &positive);
  const bool zero = levels % 2 != 0;
  const size_t clusters = static_cast<size_t>(levels / 2 + (zero ? 1 : 0));
  const EntropyClusters found =
      solve(list, static_cast<double>(count), clusters, zero, options, positive, out);
  const std::vector<Cluster> side = describe(list, found, zero);
  if (side[0].level == 0) {  // one zero level serves both signs
    const std::vector<Cluster> others(side.begin() + 1, side.end());
    assemble(others, side, out);
  } else {
    assemble(side, side, out);
  }
}

void split_entropy(const float* weights, size_t count, int levels, bool keep_zero,
                   const CodebookOptions& options, Codebook* out) {
  std::vector<float> below, above_zero;
  for (size_t i = 0; i < count; ++i) {
    if (weights[i] < 0) below.push_back(weights[i]);
    if (weights[i] > 0 || (weights[i] == 0 && !keep_zero)) above_zero.push_back(weights[i]);
  }
  const size_t shared = static_cast<size_t>(levels - (keep_zero ? 1 : 0));
  size_t more = (shared + 1) / 2, fewer = shared / 2;
  if (below.empty() || above_zero.empty()) {
    more = shared;
    fewer = 0;
  }
  const bool mostly_negative = below.size() > above_zero.size();
  std::vector<double> start_negative, start_positive;
  split_starts(options.start, &start_negative, &start_positive);
  const auto side = [&](const std::vector<float>& part, size_t clusters,
                        const std::vector<double>& start) {
    if (part.empty()) return std::vector<Cluster>();
    const WeightList list = make_magnitude_list(part.data(), nullptr, part.size());
    return describe(
        list, solve(list, static_cast<double>(count), clusters, false, options, start, out), false);
  };
  const std::vector<Cluster> negative = side(below, mostly_negative ? more : fewer, start_negative);
  std::vector<Cluster> positive = side(above_zero, mostly_negative ? fewer : more, start_positive);
  if (keep_zero) positive.insert(positive.begin(), {0, 0});
  assemble(negative, positive, out);
}

void squared_error(const float* weights, const float* importance, size_t count, int levels,
                   const CodebookOptions& options, Codebook* out) {
  const bool zero = levels % 2 != 0;
  std::vector<double> start;
  WeightList list;
  size_t centres = static_cast<size_t>(levels);
  if (options.mirrored) {
    list = make_magnitude_list(weights, importance, count);
    centres = static_cast<size_t>(levels / 2 + (zero ? 1 : 0));
    std::vector<double> negative;
    split_starts(options.start, &negative, &start);
  } else {
    list = make_weight_list(weights, importance, count);
    start.assign(options.start.begin(), options.start.end());
  }
  if (list.total() <= 0) {  // nothing that these weights meet matters: count them alike
    return squared_error(weights, nullptr, count, levels, options, out);
  }
  const KMeans found = cluster_squared_error(list, centres, zero, options.search, start);
  out->grouped = found.grouped;
  out->objective = found.cost / list.total();
  std::vector<double> all = found.centres;
  if (options.mirrored) {
    for (const double centre : found.centres) all.push_back(-centre);
    std::sort(all.begin(), all.end());
  }
  for (const double centre : all) {
    const float level = static_cast<float>(centre) + 0.0f;
    if (!out->levels.empty() && out->levels.back() == level) continue;
    if (!out->levels.empty()) {
      const double last = static_cast<double>(out->levels.back());
      out->boundaries.push_back(static_cast<float>(last + (static_cast<double>(level) - last) / 2));
    }
    out->levels.push_back(level);
  }
}

}  // namespace

Codebook cluster_weights(const float* weights, const float* importance, size_t count,
                         const CodebookOptions& options) {
  if (options.levels < 2 || options.levels > 256) {
    throw std::invalid_argument("a codebook has 2 to 256 levels");
  }
  if (count == 0) throw std::invalid_argument("a codebook needs weights");
  Codebook out;
  int levels = options.levels;
  size_t zeros = 0;
  for (size_t i = 0; i < count; ++i) zeros += weights[i] == 0 ? 1 : 0;
  const bool many_zeros =
      static_cast<double>(zeros) * levels > static_cast<double>(count) && zeros < count;
  if (many_zeros && !options.paper && levels % 2 == 0) {
    ++levels;
    out.zero_kept = true;
  }
  const bool entropy = options.criterion == Criterion::kWeightedEntropy;
  const bool symmetric = entropy ? options.scheme == Scheme::kSymmetric : options.mirrored;
  if (symmetric || out.zero_kept) levels = std::min(levels, kMaxSymmetric);
  if (!entropy) {
    const bool weighted = options.criterion == Criterion::kOutput;
    squared_error(weights, weighted ? importance : nullptr, count, levels, options, &out);
  } else if (symmetric) {
    symmetric_entropy(weights, count, levels, options, &out);
  } else {
    split_entropy(weights, count, levels, out.zero_kept, options, &out);
  }
  return out;
}

int assign(const Codebook& codebook, float weight) {
  return static_cast<int>(
      std::upper_bound(codebook.boundaries.begin(), codebook.boundaries.end(), weight) -
      codebook.boundaries.begin());
}

}  // namespace weq::convert
