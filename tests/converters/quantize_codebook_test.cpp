// Codebooks against brute force on small lists, and the promises of quantization.md, section 8.
#include "converters/quantize/codebook.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <iostream>
#include <map>
#include <random>
#include <set>

namespace weq::convert {
namespace {

std::vector<float> gaussian(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> out(count);
  for (float& w : out) w = normal(random);
  return out;
}

// Small lists with ties and zeros.
std::vector<float> small_list(uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> out(5 + random() % 8);
  for (float& w : out) w = static_cast<float>(static_cast<int>(random() % 21) - 10) / 8;
  if (out[0] == 0) out[0] = 1;
  return out;
}

CodebookOptions entropy_options(int levels) {
  CodebookOptions options;
  options.levels = levels;
  options.criterion = Criterion::kWeightedEntropy;
  options.paper = true;
  return options;
}

// All ways to cut the sorted distinct values into at most `parts` runs; calls with the runs' ends.
void all_cuts(size_t n, size_t parts, const std::function<void(const std::vector<size_t>&)>& see) {
  std::vector<size_t> ends;
  const std::function<void(size_t)> go = [&](size_t begin) {
    if (begin == n) return see(ends);
    if (ends.size() == parts) return;
    for (size_t end = begin + 1; end <= n; ++end) {
      ends.push_back(end);
      go(end);
      ends.pop_back();
    }
  };
  go(0);
}

// S of magnitudes cut at `ends`, straight from the definition; the first run is left out with
// `zero`.
double definition(const std::map<double, int>& counts, const std::vector<size_t>& ends, bool zero,
                  double total) {
  double sum = 0;
  auto at = counts.begin();
  size_t done = 0;
  for (size_t k = 0; k < ends.size(); ++k) {
    double importance = 0, members = 0;
    for (; done < ends[k]; ++done, ++at) {
      importance += at->first * at->first * at->second;
      members += at->second;
    }
    if (zero && k == 0) continue;
    const double p = members / total;
    sum -= importance / members * p * std::log(p);
  }
  return sum;
}

double brute_entropy(const std::vector<float>& magnitudes, size_t clusters, bool zero,
                     double total) {
  std::map<double, int> counts;
  for (const float w : magnitudes) ++counts[std::fabs(static_cast<double>(w))];
  double best = 0;
  const bool empty_head = zero && counts.size() < clusters && counts.begin()->first > 0;
  all_cuts(counts.size(), clusters - (empty_head ? 1 : 0), [&](const std::vector<size_t>& ends) {
    best = std::max(best, definition(counts, ends, zero && !empty_head, total));
  });
  return best;
}

TEST(WeightedEntropy, ExactEqualsBruteForce) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const std::vector<float> w = small_list(seed);
    for (int levels = 2; levels <= 9; ++levels) {
      const size_t clusters = static_cast<size_t>((levels + 1) / 2);
      const double expected =
          brute_entropy(w, clusters, levels % 2 != 0, static_cast<double>(w.size()));
      const Codebook found = cluster_weights(w.data(), nullptr, w.size(), entropy_options(levels));
      EXPECT_NEAR(found.objective, expected, 1e-12) << levels << " levels";
      EXPECT_LE(found.levels.size(), static_cast<size_t>(levels));
      EXPECT_EQ(found.boundaries.size() + 1, found.levels.size());
    }
  }
}

TEST(WeightedEntropy, SplitClustersEachSideByItsShare) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const std::vector<float> w = small_list(seed);
    std::vector<float> negative, positive;
    for (const float x : w) (x < 0 ? negative : positive).push_back(x);
    if (negative.empty() || positive.empty()) continue;
    for (int levels = 2; levels <= 7; ++levels) {
      CodebookOptions options = entropy_options(levels);
      options.scheme = Scheme::kSplit;
      const size_t more = static_cast<size_t>((levels + 1) / 2),
                   fewer = static_cast<size_t>(levels / 2);
      const bool mostly_negative = negative.size() > positive.size();
      const double total = static_cast<double>(w.size());
      const double expected =
          brute_entropy(negative, mostly_negative ? more : fewer, false, total) +
          brute_entropy(positive, mostly_negative ? fewer : more, false, total);
      const Codebook found = cluster_weights(w.data(), nullptr, w.size(), options);
      EXPECT_NEAR(found.objective, expected, 1e-12) << levels << " levels";
    }
  }
}

// S recomputed from the assignment alone: boundaries, levels and objective belong together.
double entropy_of_assignment(const std::vector<float>& w, const Codebook& book) {
  std::vector<double> count(book.levels.size()), importance(book.levels.size());
  for (const float x : w) {
    const size_t k = static_cast<size_t>(assign(book, x));
    count[k] += 1;
    importance[k] += static_cast<double>(x) * static_cast<double>(x);
  }
  // Both signs of a magnitude are one cluster.
  double sum = 0;
  for (size_t k = 0; k < count.size() / 2; ++k) {
    const size_t other = count.size() - 1 - k;
    const double members = count[k] + count[other];
    if (members == 0) continue;
    const double all = (importance[k] + importance[other]) / members;
    EXPECT_NEAR(static_cast<double>(book.levels[other]), std::sqrt(all), 1e-5 * std::sqrt(all));
    EXPECT_EQ(book.levels[k], -book.levels[other]);
    const double p = members / static_cast<double>(w.size());
    sum -= all * p * std::log(p);
  }
  return sum;
}

TEST(WeightedEntropy, AssignmentReproducesTheObjective) {
  for (const int levels : {2, 3, 4, 7, 15, 16, 64}) {
    const std::vector<float> w = gaussian(20000, static_cast<uint32_t>(levels));
    const Codebook book = cluster_weights(w.data(), nullptr, w.size(), entropy_options(levels));
    EXPECT_EQ(book.levels.size(), static_cast<size_t>(levels));
    EXPECT_NEAR(entropy_of_assignment(w, book), book.objective, 1e-9) << levels;
  }
}

TEST(WeightedEntropy, ExactIsNeverBelowLocal) {
  for (uint32_t seed = 1; seed <= 30; ++seed) {
    const std::vector<float> w = gaussian(50 + 61 * seed, seed);
    for (const int levels : {4, 5, 16}) {
      CodebookOptions options = entropy_options(levels);
      const Codebook exact = cluster_weights(w.data(), nullptr, w.size(), options);
      options.search = Search::kLocal;
      const Codebook local = cluster_weights(w.data(), nullptr, w.size(), options);
      EXPECT_GE(exact.objective, local.objective * (1 - 1e-12)) << "seed " << seed;
      EXPECT_GT(local.objective, 0.97 * exact.objective) << "seed " << seed;
      options.start = exact.boundaries;
      const Codebook warm = cluster_weights(w.data(), nullptr, w.size(), options);
      EXPECT_NEAR(warm.objective, exact.objective, 1e-9) << "seed " << seed;
    }
  }
}

TEST(WeightedEntropy, EveryDistinctMagnitudeBecomesALevel) {
  const std::vector<float> w = {-3, 3, -1, 0.5f, 0.5f, -7, 2};  // magnitudes 0.5 1 2 3 7
  const Codebook even = cluster_weights(w.data(), nullptr, w.size(), entropy_options(10));
  EXPECT_EQ(even.levels, (std::vector<float>{-7, -3, -2, -1, -0.5f, 0.5f, 1, 2, 3, 7}));
  std::vector<float> with_zero = w;
  with_zero.push_back(0);
  const Codebook odd =
      cluster_weights(with_zero.data(), nullptr, with_zero.size(), entropy_options(11));
  EXPECT_EQ(odd.levels, (std::vector<float>{-7, -3, -2, -1, -0.5f, 0, 0.5f, 1, 2, 3, 7}));
  for (const float x : with_zero) EXPECT_EQ(odd.levels[static_cast<size_t>(assign(odd, x))], x);
}

TEST(Codebook, PermutingMirroringAndScaling) {
  std::vector<float> w = gaussian(3000, 5), h = gaussian(3000, 6);
  for (float& x : h) x = x * x;
  for (const Criterion criterion :
       {Criterion::kWeightedEntropy, Criterion::kMse, Criterion::kOutput}) {
    for (const int levels : {3, 8}) {
      CodebookOptions options;
      options.levels = levels;
      options.criterion = criterion;
      const Codebook book = cluster_weights(w.data(), h.data(), w.size(), options);
      std::vector<float> v(w.rbegin(), w.rend()), g(h.rbegin(), h.rend());
      const Codebook permuted = cluster_weights(v.data(), g.data(), v.size(), options);
      EXPECT_EQ(permuted.levels, book.levels);
      EXPECT_EQ(permuted.boundaries, book.boundaries);
      for (float& x : v) x *= 4;
      const Codebook scaled = cluster_weights(v.data(), g.data(), v.size(), options);
      ASSERT_EQ(scaled.levels.size(), book.levels.size());
      for (size_t k = 0; k < book.levels.size(); ++k) {
        EXPECT_NEAR(scaled.levels[k], 4 * book.levels[k], 1e-5f);
      }
      if (criterion != Criterion::kWeightedEntropy) continue;
      for (float& x : v) x *= -0.25f;
      EXPECT_EQ(cluster_weights(v.data(), nullptr, v.size(), options).levels, book.levels);
    }
  }
}

TEST(Codebook, ManyZerosKeepALevelAtZero) {
  std::vector<float> w = gaussian(4000, 8);
  for (size_t i = 0; i < w.size(); ++i) {
    if (i % 3 != 0) w[i] = 0;
  }
  for (const Criterion criterion : {Criterion::kWeightedEntropy, Criterion::kMse}) {
    for (const Scheme scheme : {Scheme::kSymmetric, Scheme::kSplit}) {
      CodebookOptions options;
      options.levels = 8;
      options.criterion = criterion;
      options.scheme = scheme;
      const Codebook book = cluster_weights(w.data(), nullptr, w.size(), options);
      EXPECT_TRUE(book.zero_kept);
      EXPECT_EQ(book.levels.size(), 9u);
      EXPECT_EQ(book.levels[static_cast<size_t>(assign(book, 0))], 0);
      options.paper = true;
      const Codebook paper = cluster_weights(w.data(), nullptr, w.size(), options);
      EXPECT_FALSE(paper.zero_kept);
      EXPECT_LE(paper.levels.size(), 8u);
    }
  }
  CodebookOptions options = entropy_options(256);
  EXPECT_LE(cluster_weights(w.data(), nullptr, w.size(), options).levels.size(), 255u);
}

TEST(Codebook, DegenerateLists) {
  const std::vector<float> zeros(10, 0.0f), same(10, -2.0f);
  for (const Criterion criterion :
       {Criterion::kWeightedEntropy, Criterion::kMse, Criterion::kOutput}) {
    for (const int levels : {2, 3, 16}) {
      CodebookOptions options;
      options.levels = levels;
      options.criterion = criterion;
      const Codebook none = cluster_weights(zeros.data(), zeros.data(), zeros.size(), options);
      EXPECT_EQ(none.levels, std::vector<float>{0});
      const Codebook one = cluster_weights(same.data(), zeros.data(), same.size(), options);
      EXPECT_EQ(one.levels[static_cast<size_t>(assign(one, -2))], -2) << levels;
    }
  }
  CodebookOptions bad;
  bad.levels = 1;
  EXPECT_THROW(cluster_weights(same.data(), nullptr, same.size(), bad), std::invalid_argument);
  EXPECT_THROW(cluster_weights(same.data(), nullptr, 0, CodebookOptions()), std::invalid_argument);
}

// The least weighted squared error of any cut into at most `levels` runs; with `zero` one run's
// centre is 0, or nothing is.
double brute_squared_error(const std::vector<float>& w, const std::vector<float>& h, size_t levels,
                           bool zero) {
  std::map<double, double> mass;
  double total = 0;
  for (size_t i = 0; i < w.size(); ++i) {
    mass[static_cast<double>(w[i])] += static_cast<double>(h[i]);
    total += static_cast<double>(h[i]);
  }
  double best = 1e30;
  all_cuts(mass.size(), levels, [&](const std::vector<size_t>& ends) {
    double sum = 0, saved = -1e30;
    auto at = mass.begin();
    size_t done = 0;
    for (const size_t end : ends) {
      double m = 0, first = 0, second = 0;
      for (; done < end; ++done, ++at) {
        m += at->second;
        first += at->second * at->first;
        second += at->second * at->first * at->first;
      }
      const double own = second - first * first / m;
      sum += own;
      saved = std::max(saved, own - second);
    }
    if (zero && ends.size() == levels) sum -= saved;  // the run that loses least is centred on 0
    best = std::min(best, sum / total);
  });
  return best;
}

TEST(SquaredError, ExactEqualsBruteForce) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const std::vector<float> w = small_list(seed);
    std::mt19937 random(seed);
    std::vector<float> h(w.size());
    for (float& x : h) x = static_cast<float>(1 + random() % 5);
    for (int levels = 2; levels <= 7; ++levels) {
      CodebookOptions options;
      options.levels = levels;
      options.criterion = Criterion::kOutput;
      options.paper = true;
      const Codebook book = cluster_weights(w.data(), h.data(), w.size(), options);
      const double expected =
          brute_squared_error(w, h, static_cast<size_t>(levels), levels % 2 != 0);
      EXPECT_NEAR(book.objective, expected, 1e-7) << levels << " levels";
      double error = 0, total = 0;
      for (size_t i = 0; i < w.size(); ++i) {
        const double gap =
            static_cast<double>(w[i] - book.levels[static_cast<size_t>(assign(book, w[i]))]);
        error += static_cast<double>(h[i]) * gap * gap;
        total += static_cast<double>(h[i]);
      }
      EXPECT_NEAR(error / total, expected, 1e-6) << levels << " levels";
      if (levels % 2 != 0) {
        EXPECT_EQ(std::count(book.levels.begin(), book.levels.end(), 0.0f), 1);
      }
    }
  }
}

TEST(SquaredError, MirroredLevelsComeInPairs) {
  const std::vector<float> w = gaussian(5000, 11);
  for (const int levels : {5, 16}) {
    CodebookOptions options;
    options.levels = levels;
    options.mirrored = true;
    const Codebook book = cluster_weights(w.data(), nullptr, w.size(), options);
    ASSERT_EQ(book.levels.size(), static_cast<size_t>(levels));
    for (size_t k = 0; k < book.levels.size(); ++k) {
      EXPECT_EQ(book.levels[k], -book.levels[book.levels.size() - 1 - k]);
    }
  }
}

TEST(Codebook, LargeLayersAreGroupedAndFast) {
  const std::vector<float> w = gaussian(2400000, 3);
  for (const Criterion criterion : {Criterion::kWeightedEntropy, Criterion::kMse}) {
    CodebookOptions options;
    options.levels = 16;
    options.criterion = criterion;
    const auto begin = std::chrono::steady_clock::now();
    const Codebook exact = cluster_weights(w.data(), nullptr, w.size(), options);
    const auto end = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(end - begin).count();
    std::cout << (criterion == Criterion::kMse ? "squared error" : "weighted entropy")
              << ", exact, 2.4 M weights, 16 levels: " << seconds << " s\n";
    options.search = Search::kLocal;
    const Codebook local = cluster_weights(w.data(), nullptr, w.size(), options);
    EXPECT_TRUE(exact.grouped);
    EXPECT_EQ(exact.levels.size(), 16u);
    if (criterion == Criterion::kWeightedEntropy) {
      EXPECT_GE(exact.objective, local.objective);
    } else {
      EXPECT_LE(exact.objective, local.objective);
      EXPECT_NEAR(exact.objective, 0.009501, 1e-4);  // Max's quantizer for a Gaussian, 16 levels
    }
  }
}

}  // namespace
}  // namespace weq::convert
