// Histograms and activation codes: against plain loops over the data, and against known optima.
#include "converters/quantize/activation_code.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "converters/quantize/data_moments.h"

namespace weq::convert {
namespace {

std::vector<float> rectified(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> out(count);
  for (float& x : out) x = std::max(0.0f, normal(random));
  return out;
}

std::vector<float> leaky(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> out(count);
  for (float& x : out) {
    x = normal(random);
    if (x < 0) x *= 0.25f;
  }
  return out;
}

Histogram histogram_of(const std::vector<float>& data) {
  Histogram h;
  h.add(data.data(), data.size());
  return h;
}

// Relative squared error by the data themselves.
double measured_error(const std::vector<float>& data, const ActivationCode& code) {
  double error = 0, power = 0;
  for (const float f : data) {
    const double x = static_cast<double>(f);
    const double gap = x - decode(code, encode(code, x));
    error += gap * gap;
    power += x * x;
  }
  return error / power;
}

TEST(Histogram, CountsEveryValueInItsBin) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> exponent(-20, 20);
  Histogram h;
  for (int i = 0; i < 200000; ++i) {
    const float x = static_cast<float>(std::exp2(exponent(random)));
    const int bin = Histogram::bin_of(x);
    EXPECT_GE(static_cast<double>(x), Histogram::edge(bin) * (1 - 1e-9)) << x;
    EXPECT_LT(static_cast<double>(x), Histogram::edge(bin + 1) * (1 + 1e-9)) << x;
    const float signed_x = i % 3 == 0 ? -x : x;
    h.add(&signed_x, 1);
    EXPECT_GE(i % 3 == 0 ? h.negative(bin) : h.positive(bin), 1u);
  }
  EXPECT_EQ(h.count(), 200000u);
  for (int octave = -40; octave < 40; ++octave) {  // powers of two open their bin
    EXPECT_EQ(Histogram::bin_of(std::ldexp(1.0f, octave)),
              (octave - Histogram::kMinOctave) * Histogram::kBinsPerOctave);
  }
}

TEST(Histogram, MergesAndKeepsExtremes) {
  const std::vector<float> a = leaky(1000, 1), b = leaky(500, 2);
  std::vector<float> both = a;
  both.insert(both.end(), b.begin(), b.end());
  both.push_back(0);
  both.push_back(-0.0f);
  const float odd[] = {std::nanf(""), INFINITY, -INFINITY};
  Histogram merged = histogram_of(a), all = histogram_of(both);
  all.add(odd, 3);
  EXPECT_EQ(all.not_finite(), 3u);
  EXPECT_EQ(all.zeros(), 2u);
  merged.merge(histogram_of(b));
  merged.merge(histogram_of({0.0f, 0.0f}));
  EXPECT_EQ(merged.count(), all.count());
  EXPECT_EQ(merged.min(), all.min());
  EXPECT_EQ(merged.max(), all.max());
  EXPECT_NEAR(merged.sum(), all.sum(), 1e-9);
  EXPECT_NEAR(merged.sum_of_squares(), all.sum_of_squares(), 1e-9);
  for (int bin = 0; bin < Histogram::kBins; ++bin) {
    ASSERT_EQ(merged.positive(bin), all.positive(bin));
    ASSERT_EQ(merged.negative(bin), all.negative(bin));
  }
  Histogram empty;
  merged.merge(empty);
  EXPECT_EQ(merged.min(), all.min());
}

TEST(DataMoments, FollowTheData) {
  const std::vector<float> data = leaky(50000, 3);
  const DataMoments moments(histogram_of(data), true);
  for (const double x : {-0.5, -0.1, 0.0, 0.2, 1.0, 3.0}) {
    Moments expected;
    for (const float f : data) {
      if (static_cast<double>(f) >= x) continue;
      expected = expected + Moments{1, static_cast<double>(f),
                                    static_cast<double>(f) * static_cast<double>(f)};
    }
    const Moments found = moments.below(x);
    EXPECT_NEAR(found.count, expected.count, 200) << x;
    EXPECT_NEAR(found.sum, expected.sum, 0.01 * static_cast<double>(data.size()) * 0.5) << x;
    EXPECT_NEAR(found.squares, expected.squares, 0.01 * static_cast<double>(data.size())) << x;
  }
}

TEST(LogCode, CodeOfAValueIsItsCode) {
  for (const Criterion criterion : {Criterion::kWeightedEntropy, Criterion::kMse}) {
    for (int bits = 1; bits <= 8; ++bits) {
      const int codes = (1 << bits) - 1;
      for (int step = 1; step <= 32 && step * codes < 2000; ++step) {
        for (int fsr = -200; fsr <= 60; fsr += 13) {
          for (const int negative : {0, codes / 3}) {
            const ActivationCode code =
                make_log_code(fsr, step, negative, codes - negative, criterion);
            ASSERT_EQ(code.levels.size(), static_cast<size_t>(codes) + 1);
            for (int k = 0; k <= codes; ++k) ASSERT_EQ(encode(code, decode(code, k)), k);
            ASSERT_TRUE(std::is_sorted(code.boundaries.begin(), code.boundaries.end()));
          }
        }
      }
    }
  }
}

TEST(LogCode, RoundsInTheLogDomainAsThePaper) {
  std::mt19937 random(4);
  std::uniform_real_distribution<double> exponent(-6, 6);
  for (int i = 0; i < 5000; ++i) {
    const int bits = 1 + static_cast<int>(random() % 5), codes = (1 << bits) - 1;
    const int fsr = static_cast<int>(random() % 80) - 60,
              step = 1 + static_cast<int>(random() % 32);
    const ActivationCode code = make_log_code(fsr, step, 0, codes, Criterion::kWeightedEntropy);
    const double a = std::exp2(exponent(random));
    const double rounded = std::round((16 * std::log2(a) - fsr) / step) + 1;
    EXPECT_EQ(encode(code, a), static_cast<int>(std::clamp<double>(rounded, 0, codes)))
        << "fsr " << fsr << " step " << step << " a " << a;
    EXPECT_EQ(encode(code, -a), 0);
  }
}

// The weighted entropy of positive data, straight from section 2.
double entropy(const std::vector<float>& data, int fsr, int step, int codes) {
  std::vector<double> count(static_cast<size_t>(codes) + 1);
  double positive = 0, sum = 0;
  for (const float f : data) {
    if (f <= 0) continue;
    positive += 1;
    const double k = std::round((16 * std::log2(static_cast<double>(f)) - fsr) / step) + 1;
    count[static_cast<size_t>(std::clamp<double>(k, 0, codes))] += 1;
  }
  for (int k = 1; k <= codes; ++k) {
    const double p = count[static_cast<size_t>(k)] / positive;
    if (p > 0) sum -= std::exp2((fsr + step * (k - 1)) / 16.0) * p * std::log(p);
  }
  return sum;
}

TEST(LogCode, WeightedEntropyIsTheLargestOfAllPairs) {
  const std::vector<float> data = rectified(3000, 5);
  for (const int bits : {1, 2, 4}) {
    ActivationOptions options;
    options.bits = bits;
    options.kind = ActivationChoice::kLog;
    options.criterion = Criterion::kWeightedEntropy;
    const ActivationCode code = choose_activation(histogram_of(data), options);
    EXPECT_EQ(code.kind, CodeKind::kLog);
    const int codes = (1 << bits) - 1;
    double best = 0;
    for (int step = 1; step <= 32; ++step) {
      for (int fsr = -300; fsr <= 60; ++fsr) best = std::max(best, entropy(data, fsr, step, codes));
    }
    EXPECT_NEAR(entropy(data, code.fsr, code.step, codes), best, 1e-6 * best) << bits << " bits";
  }
}

TEST(LogCode, SquaredErrorIsTheLeastOfAllPairs) {
  const std::vector<float> data = rectified(20000, 6);
  const Histogram h = histogram_of(data);
  ActivationOptions options;
  options.bits = 3;
  options.kind = ActivationChoice::kLog;
  const ActivationCode code = choose_activation(h, options);
  double best = 1;
  for (int step = 1; step <= 32; ++step) {
    for (int fsr = -120; fsr <= 40; ++fsr) {
      const ActivationCode other = make_log_code(fsr, step, 0, 7, Criterion::kMse);
      best = std::min(best, code_error(h, other.levels, other.boundaries, true));
    }
  }
  EXPECT_NEAR(code.squared_error, best, 1e-9);
  EXPECT_NEAR(code.squared_error, measured_error(data, code), 0.03 * best);
}

TEST(Activation, EstimatedErrorIsTheMeasuredOne) {
  const std::vector<float> positive = rectified(100000, 7), both = leaky(100000, 8);
  for (const std::vector<float>* data : {&positive, &both}) {
    for (const ActivationChoice kind :
         {ActivationChoice::kLog, ActivationChoice::kLinear, ActivationChoice::kFree}) {
      for (const int bits : {1, 2, 4, 6, 8}) {
        ActivationOptions options;
        options.bits = bits;
        options.kind = kind;
        const ActivationCode code = choose_activation(histogram_of(*data), options);
        const double measured = measured_error(*data, code);
        EXPECT_NEAR(code.squared_error, measured, 0.05 * measured)
            << static_cast<int>(kind) << " kind, " << bits << " bits";
        EXPECT_LE(code.levels.size(), size_t{1} << bits);
        EXPECT_EQ(std::count(code.levels.begin(), code.levels.end(), 0.0), 1);
        EXPECT_EQ(code.levels[static_cast<size_t>(code.negative_codes)], 0.0);
        EXPECT_EQ(code.boundaries.size() + 1, code.levels.size());
        for (size_t k = 0; k < code.levels.size(); ++k) {
          EXPECT_EQ(encode(code, code.levels[k]), static_cast<int>(k));
        }
      }
    }
  }
}

TEST(Activation, FreeBeatsLogBeatsLinearAtFourBits) {
  const Histogram h = histogram_of(rectified(100000, 9));
  const auto error = [&h](ActivationChoice kind) {
    ActivationOptions options;
    options.kind = kind;
    return choose_activation(h, options).squared_error;
  };
  EXPECT_LT(error(ActivationChoice::kFree), error(ActivationChoice::kLog));
  EXPECT_LE(error(ActivationChoice::kAuto), error(ActivationChoice::kLog));
  EXPECT_LT(error(ActivationChoice::kFree), error(ActivationChoice::kLinear));
}

TEST(Activation, LinearEightBitsSpansClippedData) {
  std::vector<float> data = rectified(50000, 10);
  for (float& x : data) x = std::min(6.0f, 4 * x);  // ReLU6: a heap at 6
  ActivationOptions options;
  options.bits = 8;
  options.kind = ActivationChoice::kLinear;
  const ActivationCode code = choose_activation(histogram_of(data), options);
  EXPECT_EQ(code.levels.size(), 256u);
  EXPECT_NEAR(code.levels.back(), 6.0, 0.05);
  EXPECT_LT(measured_error(data, code), 1e-5);
  options.max_level = 63;
  EXPECT_EQ(choose_activation(histogram_of(data), options).levels.size(), 64u);
}

TEST(Activation, NegativeValuesReadAsZeroWhereNotAllowed) {
  const std::vector<float> data = leaky(10000, 11);
  for (const ActivationChoice kind :
       {ActivationChoice::kLog, ActivationChoice::kLinear, ActivationChoice::kFree}) {
    ActivationOptions options;
    options.kind = kind;
    options.allow_negative = false;
    const ActivationCode code = choose_activation(histogram_of(data), options);
    EXPECT_EQ(code.negative_codes, 0);
    EXPECT_EQ(encode(code, -5.0), 0);
    options.allow_negative = true;
    EXPECT_GT(choose_activation(histogram_of(data), options).negative_codes, 0);
  }
}

TEST(Activation, EmptyAndOneSidedDataGiveValidCodes) {
  for (const std::vector<float>& data :
       {std::vector<float>{}, {0.0f, 0.0f}, {-1.0f, -2.0f}, {3.0f, 3.0f, 3.0f}}) {
    for (const ActivationChoice kind : {ActivationChoice::kLog, ActivationChoice::kLinear,
                                        ActivationChoice::kFree, ActivationChoice::kAuto}) {
      for (const bool negative : {false, true}) {
        for (const int bits : {1, 4, 8}) {
          ActivationOptions options;
          options.bits = bits;
          options.kind = kind;
          options.allow_negative = negative;
          const ActivationCode code = choose_activation(histogram_of(data), options);
          ASSERT_GE(code.levels.size(), 2u);
          EXPECT_EQ(std::count(code.levels.begin(), code.levels.end(), 0.0), 1);
          EXPECT_TRUE(std::is_sorted(code.levels.begin(), code.levels.end()));
          EXPECT_TRUE(std::isfinite(code.squared_error));
        }
      }
    }
  }
  ActivationOptions bad;
  bad.bits = 9;
  EXPECT_THROW(choose_activation(Histogram(), bad), std::invalid_argument);
}

}  // namespace
}  // namespace weq::convert
