// Integer levels of weights and activations.
#include "converters/quantize/integer_levels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace weq::convert {
namespace {

std::vector<float> gaussian(size_t count, uint32_t seed, float scale = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> out(count);
  for (float& w : out) w = scale * normal(random);
  return out;
}

double nearest_error(const std::vector<float>& w, const std::vector<float>& h,
                     const std::vector<int>& levels, double unit) {
  double error = 0, total = 0;
  for (size_t i = 0; i < w.size(); ++i) {
    double best = 1e30;
    for (const int level : levels) {
      const double gap = static_cast<double>(w[i]) - unit * level;
      best = std::min(best, gap * gap);
    }
    error += static_cast<double>(h[i]) * best;
    total += static_cast<double>(h[i]);
  }
  return error / total;
}

size_t code_of(const IntegerCodebook& book, float w) {
  return static_cast<size_t>(std::upper_bound(book.boundaries.begin(), book.boundaries.end(), w) -
                             book.boundaries.begin());
}

TEST(IntegerCodebook, ErrorIsThatOfTheNearestLevelAndNoPlainRoundingBeatsIt) {
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const std::vector<float> w = gaussian(600, seed);
    std::vector<float> h = gaussian(600, seed + 100);
    for (float& x : h) x = x * x + 0.1f;
    for (const int max_level : {3, 14, 31, 127}) {
      CodebookOptions options;
      options.levels = seed % 2 ? 15 : 16;
      options.criterion = Criterion::kOutput;
      const Codebook book = cluster_weights(w.data(), h.data(), w.size(), options);
      const IntegerCodebook found =
          integer_codebook(w.data(), h.data(), w.size(), book, Criterion::kOutput, max_level);
      const std::vector<int> levels(found.levels.begin(), found.levels.end());
      EXPECT_TRUE(std::adjacent_find(levels.begin(), levels.end(), std::greater_equal<int>()) ==
                  levels.end());
      EXPECT_LE(std::max(-levels.front(), levels.back()), max_level);
      EXPECT_NEAR(found.error, nearest_error(w, h, levels, found.unit), 1e-6);
      if (found.grid) continue;  // 7 levels of max_level 3: the grid itself
      double largest = std::max(-book.levels.front(), book.levels.back());
      std::mt19937 random(seed);
      for (int i = 0; i < 100; ++i) {
        const double unit =
            largest / (1 + static_cast<double>(random() % 1000) / 1000 * (max_level - 0.51));
        std::vector<int> plain;
        for (const float r : book.levels) {
          plain.push_back(static_cast<int>(std::lround(static_cast<double>(r) / unit)));
        }
        // The search steps through units finely, not through all: a percent of slack.
        EXPECT_LE(found.error, 1.01 * nearest_error(w, h, plain, unit)) << "unit " << unit;
      }
    }
  }
}

TEST(IntegerCodebook, RepresentableWeightsComeOutExactly) {
  std::mt19937 random(3);
  for (const Criterion criterion : {Criterion::kWeightedEntropy, Criterion::kMse}) {
    for (const int range : {1, 3, 7, 100}) {
      std::vector<float> w(500);
      for (float& x : w) {
        x = 0.125f * static_cast<float>(static_cast<int>(random() % (2 * range + 1)) - range);
      }
      CodebookOptions options;
      options.levels = range < 100 ? 2 * range + 1 : 255;
      options.criterion = criterion;
      const Codebook book = cluster_weights(w.data(), nullptr, w.size(), options);
      const IntegerCodebook found =
          integer_codebook(w.data(), nullptr, w.size(), book, criterion, 127);
      for (const float x : w) {
        ASSERT_EQ(static_cast<float>(found.unit * found.levels[code_of(found, x)]), x);
      }
      EXPECT_EQ(found.unit, 0.125) << "the smallest integers that do, range " << range;
    }
  }
}

TEST(IntegerCodebook, WeightedEntropyKeepsItsClusters) {
  const std::vector<float> w = gaussian(5000, 5);
  CodebookOptions options;
  options.criterion = Criterion::kWeightedEntropy;
  const Codebook book = cluster_weights(w.data(), nullptr, w.size(), options);
  const IntegerCodebook found =
      integer_codebook(w.data(), nullptr, w.size(), book, options.criterion, 127);
  ASSERT_EQ(found.levels.size(), book.levels.size());
  EXPECT_EQ(found.boundaries, book.boundaries);
  for (size_t k = 0; k < found.levels.size(); ++k) {
    EXPECT_NEAR(found.unit * found.levels[k], book.levels[k], 1.5 * found.unit);
  }
}

TEST(IntegerCodebook, ManyLevelsAreTheGrid) {
  const std::vector<float> w = gaussian(20000, 6);
  for (const int levels : {128, 256}) {
    CodebookOptions options;
    options.levels = levels;
    const Codebook book = cluster_weights(w.data(), nullptr, w.size(), options);
    const IntegerCodebook found =
        integer_codebook(w.data(), nullptr, w.size(), book, Criterion::kMse, 127);
    EXPECT_TRUE(found.grid);
    EXPECT_LE(found.levels.size(), static_cast<size_t>(levels));
    for (size_t k = 1; k < found.levels.size(); ++k) {
      ASSERT_EQ(found.levels[k], found.levels[k - 1] + 1);
    }
    EXPECT_LT(found.error, levels == 256 ? 1e-4 : 4e-4);
  }
}

TEST(IntegerCodebook, AllZeros) {
  const std::vector<float> w(10, 0.0f);
  const Codebook book = cluster_weights(w.data(), nullptr, w.size(), CodebookOptions());
  const IntegerCodebook found =
      integer_codebook(w.data(), nullptr, w.size(), book, Criterion::kMse, 127);
  EXPECT_EQ(found.levels, std::vector<int8_t>{0});
  EXPECT_GT(found.unit, 0);
}

TEST(ChannelScale, NoFactorBeatsTheOneFound) {
  const std::vector<int8_t> levels = {-14, -9, -5, -3, -1, 0, 1, 2, 4, 7, 10, 14};
  const std::vector<int> wide(levels.begin(), levels.end());
  for (uint32_t seed = 1; seed <= 10; ++seed) {
    const std::vector<float> w = gaussian(200, seed, 0.03f);
    std::vector<float> h = gaussian(200, seed + 50);
    for (float& x : h) x *= x;
    const double base = 0.03 / 6;
    const double scale = search_channel_scale(w.data(), h.data(), w.size(), levels, base);
    const double error = nearest_error(w, h, wide, scale);
    for (int i = 0; i < 33; ++i) {
      EXPECT_LE(error, nearest_error(w, h, wide, base * (0.6 + 0.025 * i)) * (1 + 1e-9));
    }
  }
  const std::vector<float> zeros(5, 0.0f);
  EXPECT_EQ(search_channel_scale(zeros.data(), nullptr, 5, levels, 0.5), 0.5);
}

TEST(ChannelScale, AssignsTheNearestLevel) {
  const std::vector<int8_t> levels = {-127, -50, -3, 0, 1, 2, 9, 126};
  const std::vector<float> w = gaussian(5000, 9, 60);
  std::vector<uint8_t> codes(w.size());
  assign_nearest(w.data(), w.size(), 0.75, levels, codes.data());
  for (size_t i = 0; i < w.size(); ++i) {
    const double x = static_cast<double>(w[i]) / 0.75;
    double best = 1e9;
    for (const int level : levels) best = std::min(best, std::fabs(x - level));
    EXPECT_DOUBLE_EQ(std::fabs(x - levels[codes[i]]), best);
  }
  const float tie[] = {1.5f, 0.5f, -1.5f};
  assign_nearest(tie, 3, 1.0, levels, codes.data());
  EXPECT_EQ(levels[codes[0]], 2);
  EXPECT_EQ(levels[codes[1]], 1);
  EXPECT_EQ(levels[codes[2]], 0);
}

Histogram activations(bool negative, uint32_t seed) {
  std::vector<float> data = gaussian(50000, seed);
  for (float& x : data) x = x > 0 ? x : negative ? 0.3f * x : 0;
  Histogram h;
  h.add(data.data(), data.size());
  return h;
}

TEST(IntegerCode, LevelsFitTheirRangeAndFollowTheRealOnes) {
  for (const bool negative : {false, true}) {
    const Histogram h = activations(negative, 1);
    for (const ActivationChoice kind :
         {ActivationChoice::kLog, ActivationChoice::kLinear, ActivationChoice::kFree}) {
      for (const int bits : {1, 2, 3, 4, 6, 8}) {
        for (const int max_level : {63, 127, 255}) {
          ActivationOptions options;
          options.kind = kind;
          options.bits = bits;
          options.max_level = max_level;
          const ActivationCode real = choose_activation(h, options);
          IntegerCodeOptions integer;
          integer.max_level = max_level;
          const IntegerCode code = integer_code(h, real, integer);
          ASSERT_EQ(code.boundaries.size() + 1, code.levels.size());
          ASSERT_EQ(code.real_levels.size(), code.levels.size());
          EXPECT_LE(code.levels.size(), real.levels.size());
          for (size_t k = 0; k < code.levels.size(); ++k) {
            EXPECT_LE(std::abs(code.levels[k]), max_level);
            EXPECT_GE(code.levels[k] + code.offset, 0);
            EXPECT_LE(code.levels[k] + code.offset, 255);
            if (k > 0) {
              EXPECT_GT(code.levels[k], code.levels[k - 1]);
              EXPECT_GE(code.boundaries[k - 1],
                        static_cast<double>(code.unit) * code.levels[k - 1]);
              EXPECT_LE(code.boundaries[k - 1], static_cast<double>(code.unit) * code.levels[k]);
            }
            EXPECT_NEAR(static_cast<double>(code.unit) * code.levels[k], code.real_levels[k],
                        0.51 * static_cast<double>(code.unit));
          }
          EXPECT_EQ(code.levels[static_cast<size_t>(code.negative_codes)], 0);
          EXPECT_FALSE(code.code_bytes);
          // Few bits and room for them: rounding costs little (a tenth of a decibel or two).
          if (bits <= 4 && max_level >= 127 && kind == ActivationChoice::kFree) {
            EXPECT_LT(code.squared_error, 1.05 * real.squared_error);
          }
          if (kind == ActivationChoice::kLinear) {
            EXPECT_NEAR(code.squared_error, real.squared_error, 1e-9);
          }
        }
      }
    }
  }
}

TEST(IntegerCode, WideLogCodesLoseEnds) {
  const ActivationCode real = make_log_code(-200, 16, 0, 15, Criterion::kMse);
  IntegerCodeOptions options;
  const IntegerCode code = integer_code(activations(false, 2), real, options);
  EXPECT_LT(code.levels.size(), 12u);
  EXPECT_EQ(code.step, 16);
  EXPECT_NEAR(std::exp2(code.fsr / 16.0), code.real_levels[1], 1e-9);
}

TEST(IntegerCode, ShiftLevelsAreMantissaTimesPowerOfTwo) {
  const Histogram h = activations(false, 3), both = activations(true, 4);
  for (const int step : {16, 8, 4}) {
    const size_t classes = static_cast<size_t>(16 / step);
    for (const int negative : {0, 5}) {
      const ActivationCode real =
          make_log_code(20 - 14 * step, step, negative, 15 - negative, Criterion::kMse);
      IntegerCodeOptions options;
      options.shift = true;
      const IntegerCode code = integer_code(negative ? both : h, real, options);
      EXPECT_EQ(code.levels.size(), 16u);
      EXPECT_LE(code.levels.back(), 1 << 15);
      const size_t zero = static_cast<size_t>(code.negative_codes);
      for (size_t k = zero + 1; k + classes < code.levels.size(); ++k) {
        EXPECT_EQ(code.levels[k + classes], 2 * code.levels[k]) << "step " << step;
        EXPECT_NEAR(static_cast<double>(code.unit) * code.levels[k] / real.levels[k], 1.0, 0.05);
      }
      for (size_t k = 0; k < zero; ++k) EXPECT_EQ(code.levels[k], -code.levels[2 * zero - k]);
      EXPECT_EQ(code.code_bytes, code.levels.back() - code.levels.front() > 255);
    }
  }
  // 8 bits at step 4 span 64 octaves: the lowest codes go.
  const ActivationCode wide = make_log_code(-700, 4, 0, 255, Criterion::kMse);
  IntegerCodeOptions options;
  options.shift = true;
  const IntegerCode code = integer_code(h, wide, options);
  EXPECT_LE(code.levels.back(), 1 << 15);
  EXPECT_LT(code.levels.size(), 60u);
}

}  // namespace
}  // namespace weq::convert
