// The integers of the requantize contract: proven range, the error bound of quantization.md,
// section 8, and thresholds that the kernels' fast forms take.
#include "converters/quantize/requantize_fit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "converters/quantize/threshold_grid.h"
#include "kernels/requantize/requantize.h"

namespace weq::convert {
namespace {

constexpr int64_t kEnd = int64_t{1} << 31;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

FitRequest random_request(uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::normal_distribution<double> normal;
  FitRequest r;
  const size_t channels = 1 + random() % 40;
  const double reach = std::exp2(6 + 18 * uniform(random));  // how far accumulators go
  const double scale = std::exp2(-14 + 10 * uniform(random));
  for (size_t o = 0; o < channels; ++o) {
    r.multiplier.push_back(scale * std::exp2(normal(random)) * (random() % 5 == 0 ? -1 : 1));
    r.bias.push_back(normal(random) * scale * reach / 8);
    r.acc_low.push_back(-static_cast<int64_t>(reach * uniform(random)));
    r.acc_high.push_back(static_cast<int64_t>(reach * uniform(random)));
    if (random() % 10 == 0) r.acc_low[o] = r.acc_high[o] = 0;
  }
  if (random() % 2) {
    r.residual_unit = scale * reach / 300 * uniform(random);
    r.residual_low = random() % 2 ? -100 : 0;
    r.residual_high = 155;
  }
  return r;
}

// Largest |real output| over channels, for placing boundaries.
double output_range(const FitRequest& r) {
  double range = 0;
  for (size_t o = 0; o < r.multiplier.size(); ++o) {
    range = std::max(
        range, std::fabs(r.multiplier[o]) * static_cast<double>(r.acc_high[o] - r.acc_low[o]));
  }
  return range + 1e-6;
}

std::vector<double> log_boundaries(double top, double step_octaves, int count) {
  std::vector<double> out;
  for (int k = count; k-- > 0;) out.push_back(top * std::exp2(-step_octaves * k));
  return out;
}

// Runs the contract in 64 bits at many accumulators; everything must stay inside int32 and near the
// real output.
void expect_contract(const FitRequest& r, const RequantizeFit& fit, uint32_t seed) {
  std::mt19937_64 random(seed);
  ASSERT_EQ(fit.multiplier.size(), r.multiplier.size());
  EXPECT_LT(fit.v_bound, kEnd);
  const int64_t round = fit.pre_shift ? int64_t{1} << (fit.pre_shift - 1) : 0;
  const double q = static_cast<double>(fit.unit);
  for (size_t o = 0; o < r.multiplier.size(); ++o) {
    for (int i = 0; i < 24; ++i) {
      const uint64_t width = static_cast<uint64_t>(r.acc_high[o] - r.acc_low[o]) + 1;
      int64_t acc = r.acc_low[o] + static_cast<int64_t>(random() % width);
      if (i < 4) acc = i % 2 ? r.acc_low[o] : r.acc_high[o];
      int64_t residual = r.residual_low + static_cast<int64_t>(random() % 256) %
                                              (r.residual_high - r.residual_low + 1);
      if (i < 4) residual = i / 2 ? r.residual_low : r.residual_high;
      ASSERT_LT(acc + round, kEnd);
      const int64_t a = (acc + round) >> fit.pre_shift;
      const int64_t product = a * fit.multiplier[o];
      const int64_t sum = product + fit.addend[o];
      const int64_t v = sum + int64_t{fit.residual_factor} * residual;
      for (const int64_t x : {product, sum, v, int64_t{fit.residual_factor} * residual}) {
        ASSERT_LE(std::abs(x), fit.v_bound);
      }
      const double real = r.multiplier[o] * static_cast<double>(acc) + r.bias[o] +
                          r.residual_unit * static_cast<double>(residual);
      const double m = std::fabs(static_cast<double>(fit.multiplier[o]));
      double allowed = static_cast<double>(std::abs(a)) / 2 + 0.5 +
                       (r.residual_unit != 0 ? std::fabs(static_cast<double>(residual)) / 2 : 0);
      if (fit.pre_shift) allowed += m / 2 + 0.25;  // the multiplier's own rounding, times half
      const double slack = 1e-9 * std::fabs(real) + 1e-12;
      ASSERT_LE(std::fabs(q * static_cast<double>(v) - real), q * allowed + slack)
          << "channel " << o << " acc " << acc;
    }
  }
}

kernels::ThresholdForm kernel_form(const FitThresholds& t, int64_t v_bound) {
  kernels::LevelMap map;
  map.codes = static_cast<int32_t>(t.values.size()) + 1;
  for (int k = 0; k < 256; ++k) map.byte_of_code[k] = static_cast<uint8_t>(k);
  kernels::Thresholds out;
  kernels::prepare_thresholds(t.values.data(), static_cast<int32_t>(t.values.size()), map, v_bound,
                              &out);
  return out.form;
}

TEST(RequantizeFit, RawUnitsKeepTheBoundChannelByChannel) {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const FitRequest r = random_request(seed);
    const RequantizeFit fit = fit_requantize(r);
    expect_contract(r, fit, seed);
    EXPECT_GT(fit.v_bound, kEnd / 8) << "the unit is as small as it may be";
    EXPECT_TRUE(fit.outputs.empty());
  }
}

TEST(RequantizeFit, PreShiftIsUsedWhereAccumulatorsAreWide) {
  FitRequest r;
  r.multiplier = {1e-5, 2e-5};
  r.bias = {0.5, -0.5};
  r.acc_low = {-6000000, -6000000};
  r.acc_high = {6000000, 6000000};
  const RequantizeFit wide = fit_requantize(r);
  EXPECT_GT(wide.pre_shift, 0);
  EXPECT_GT(std::abs(wide.multiplier[0]), 500);
  expect_contract(r, wide, 1);
  r.acc_low = {-9000, -9000};
  r.acc_high = {9000, 9000};
  EXPECT_EQ(fit_requantize(r).pre_shift, 0);
}

TEST(RequantizeFit, LinearOutputsGetEquidistantThresholds) {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    FitRequest r = random_request(seed);
    std::mt19937 random(seed);
    FitOutput output;
    output.linear = true;
    output.unit = output_range(r) / 400;
    output.first = random() % 2 ? 0 : -128;
    const bool relu = random() % 2;
    for (int k = 0; k < 255; ++k) {
      const double b = output.unit * (k + 0.5 + output.first);
      output.boundaries.push_back(relu && b < 0 ? -kInfinity : k > 250 && relu ? kInfinity : b);
    }
    r.outputs = {output};
    const RequantizeFit fit = fit_requantize(r);
    expect_contract(r, fit, seed);
    const FitThresholds& t = fit.outputs[0];
    ASSERT_EQ(t.form, FitForm::kLinear);
    EXPECT_EQ(kernel_form(t, fit.v_bound), kernels::ThresholdForm::kLinear);
    for (size_t k = 0; k < t.values.size(); ++k) {
      if (std::isinf(output.boundaries[k])) {
        EXPECT_TRUE(t.values[k] == std::numeric_limits<int32_t>::max() ||
                    t.values[k] == std::numeric_limits<int32_t>::min());
      } else if (std::abs(int64_t{t.values[k]}) < kEnd - 1) {
        const double q = static_cast<double>(fit.unit);
        EXPECT_NEAR(q * t.values[k], output.boundaries[k], 1e-6 * output_range(r) + q);
      }
    }
  }
}

TEST(RequantizeFit, LogAndFreeOutputsLieOnTheGridOfTheKernels) {
  int gridded = 0, both_signs = 0;
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    FitRequest r = random_request(seed);
    std::mt19937 random(seed);
    FitOutput output;
    const double top = output_range(r) / 8;
    const int count = 1 + static_cast<int>(random() % 15);
    const double octaves = 0.25 + 0.25 * static_cast<double>(random() % 4);
    output.boundaries = log_boundaries(top, octaves, count);
    if (seed % 3 == 0) {  // a signed code: a mirrored part below 0, perhaps 0 itself
      std::vector<double> below;
      for (const double b : log_boundaries(top / 3, octaves, std::max(1, count / 2))) {
        below.insert(below.begin(), -b);
      }
      if (seed % 2) below.push_back(0);
      output.boundaries.insert(output.boundaries.begin(), below.begin(), below.end());
    }
    r.outputs = {output};
    const RequantizeFit fit = fit_requantize(r);
    expect_contract(r, fit, seed);
    const FitThresholds& t = fit.outputs[0];
    ASSERT_EQ(t.values.size(), output.boundaries.size());
    EXPECT_TRUE(std::is_sorted(t.values.begin(), t.values.end()));
    const double q = static_cast<double>(fit.unit);
    for (size_t k = 0; k < t.values.size(); ++k) {
      if (t.form == FitForm::kSearch) {
        EXPECT_NEAR(q * t.values[k], output.boundaries[k], q);
      } else if (std::abs(int64_t{t.values[k]}) <
                 kEnd - 1) {  // half a grid step, or what small ones move
        const double gap = k > 0 ? output.boundaries[k] - output.boundaries[k - 1]
                                 : std::fabs(output.boundaries[0]);
        const double step = std::exp2(-t.grid_bits);
        EXPECT_NEAR(q * t.values[k], output.boundaries[k],
                    0.51 * step * std::fabs(output.boundaries[k]) + 0.2 * gap);
      }
    }
    if (t.form == FitForm::kGrid || t.form == FitForm::kSignedGrid) {
      ++gridded;
      both_signs += t.form == FitForm::kSignedGrid;
      EXPECT_NE(kernel_form(t, fit.v_bound), kernels::ThresholdForm::kSearch);
      EXPECT_LE(t.snap_db, r.max_snap_db);
    }
  }
  EXPECT_GT(gridded, 190) << "of 200";
  EXPECT_GT(both_signs, 40);
}

TEST(RequantizeFit, PowersOfTwoNeedNoSnapping) {
  FitRequest r = random_request(7);
  FitOutput output;
  output.boundaries = log_boundaries(output_range(r) / 5, 1.0, 15);
  r.outputs = {output};
  const RequantizeFit fit = fit_requantize(r);
  EXPECT_EQ(fit.outputs[0].form, FitForm::kGrid);
  EXPECT_LT(fit.outputs[0].snap_db, 0.05);
}

TEST(RequantizeFit, ACopyInLinearCodesDecidesTheUnit) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    FitRequest r = random_request(seed);
    FitOutput log, linear;
    log.boundaries = log_boundaries(output_range(r) / 8, 0.75, 12);
    linear.linear = true;
    linear.unit = output_range(r) / 256;
    for (int k = 0; k < 255; ++k) linear.boundaries.push_back(linear.unit * (k + 0.5));
    r.outputs = {log, linear};
    const RequantizeFit fit = fit_requantize(r);
    expect_contract(r, fit, seed);
    EXPECT_EQ(fit.outputs[0].form, FitForm::kGrid);
    EXPECT_EQ(fit.outputs[1].form, FitForm::kLinear);
    EXPECT_EQ(kernel_form(fit.outputs[0], fit.v_bound), kernels::ThresholdForm::kGrid);
    EXPECT_EQ(kernel_form(fit.outputs[1], fit.v_bound), kernels::ThresholdForm::kLinear);
  }
}

TEST(RequantizeFit, TooManyCellsFallBackToExactThresholds) {
  FitRequest r = random_request(9);
  FitOutput output;
  output.boundaries = log_boundaries(output_range(r) / 8, 0.03, 255);
  r.outputs = {output};
  const RequantizeFit fit = fit_requantize(r);
  ASSERT_EQ(fit.outputs[0].form, FitForm::kSearch);
  for (size_t k = 0; k < 255; ++k) {
    const double v = output.boundaries[k] / static_cast<double>(fit.unit);
    EXPECT_EQ(fit.outputs[0].values[k], static_cast<int32_t>(std::ceil(v)));
  }
}

TEST(RequantizeFit, RefusesBadNumbers) {
  FitRequest r = random_request(1);
  FitRequest bad = r;
  bad.bias.pop_back();
  EXPECT_THROW(fit_requantize(bad), std::invalid_argument);
  bad = r;
  bad.multiplier[0] = std::nan("");
  EXPECT_THROW(fit_requantize(bad), std::invalid_argument);
  bad = r;
  bad.acc_high[0] = kEnd;
  EXPECT_THROW(fit_requantize(bad), std::invalid_argument);
}

TEST(RequantizeFit, DeadLayerIsFine) {
  FitRequest r;
  r.multiplier = {0.1, 0.0};
  r.bias = {0, 0};
  r.acc_low = {0, -5};
  r.acc_high = {0, 5};
  FitOutput output;
  output.boundaries = {0.5, 1.0};
  r.outputs = {output};
  const RequantizeFit fit = fit_requantize(r);
  EXPECT_EQ(fit.multiplier, (std::vector<int32_t>{0, 0}));
  EXPECT_EQ(fit.outputs[0].values.size(), 2u);
}

TEST(AddFit, SumsTwoLevels) {
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    std::mt19937 random(seed);
    const double ua = std::exp2(static_cast<double>(random() % 100) / 10 - 8);
    const double ub = std::exp2(static_cast<double>(random() % 100) / 10 - 8);
    const double bias = seed % 2 ? 0.0 : 3 * ua;
    FitOutput output;
    output.boundaries = log_boundaries(100 * std::max(ua, ub), 0.5, 15);
    const AddFit fit = fit_add(ua, {-20, 63}, ub, {0, 255}, bias, {output});
    const double q = static_cast<double>(fit.unit);
    for (int i = 0; i < 100; ++i) {
      const int64_t a = static_cast<int64_t>(random() % 84) - 20,
                    b = static_cast<int64_t>(random() % 256);
      const int64_t v = fit.factor_a * a + fit.factor_b * b + fit.addend;
      ASSERT_LE(std::abs(v), fit.v_bound);
      const double real = ua * static_cast<double>(a) + ub * static_cast<double>(b) + bias;
      ASSERT_NEAR(q * static_cast<double>(v), real,
                  q * (0.5 + static_cast<double>(std::abs(a) + b) / 2) + 1e-9 * std::fabs(real));
    }
    EXPECT_LT(fit.v_bound, kEnd);
  }
}

TEST(AverageFit, EveryWindowStaysInRangeAndNearTheMean) {
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    std::mt19937 random(seed);
    const double unit = std::exp2(static_cast<double>(random() % 200) / 10 - 12);
    const LevelRange levels = {seed % 3 ? 0 : -128, 127 + static_cast<int32_t>(random() % 128)};
    const int64_t most = seed % 4 ? 1 + random() % 64 : 50000;
    FitOutput output;
    output.boundaries = log_boundaries(unit * 100, 0.5, 15);
    std::vector<FitOutput> outputs;
    if (seed % 2) outputs.push_back(output);
    const AverageFit fit = fit_average(unit, levels, most, false, 0.25 * unit, outputs);
    ASSERT_LT(fit.v_bound, kEnd);
    const double q = static_cast<double>(fit.unit);
    for (int i = 0; i < 200; ++i) {
      const int64_t n = i == 0 ? most : 1 + static_cast<int64_t>(random()) % most;
      const int64_t m = average_multiplier(fit.scaled_multiplier, fit.scale_bits, n);
      for (const int64_t level : {int64_t{levels.low}, int64_t{levels.high}, int64_t{3}}) {
        const int64_t v = n * level * m + fit.addend;
        ASSERT_LE(std::abs(n * level * m), fit.v_bound);
        ASSERT_LE(std::abs(v), fit.v_bound);
        const double real = unit * static_cast<double>(level) + 0.25 * unit;
        ASSERT_NEAR(
            q * static_cast<double>(v), real,
            q * (1 + 0.51 * static_cast<double>(n * std::abs(level))) + 1e-6 * std::fabs(real));
      }
    }
  }
  const AverageFit sum = fit_average(0.5, {0, 255}, 49, true, 0, {});
  const int64_t m = average_multiplier(sum.scaled_multiplier, sum.scale_bits, 1);
  EXPECT_NEAR(static_cast<double>(sum.unit) * static_cast<double>(m * 49 * 255), 0.5 * 49 * 255,
              static_cast<double>(sum.unit) * 0.51 * 49 * 255);
  EXPECT_THROW(fit_average(1.0, {0, 255}, int64_t{1} << 30, false, 0, {}), std::invalid_argument);
}

TEST(ThresholdGrid, SmallestReachingIsSmallest) {
  std::mt19937 random(5);
  for (int i = 0; i < 20000; ++i) {
    const int bits = 3 + static_cast<int>(random() % 3);
    const int64_t mantissa = (int64_t{1} << bits) + static_cast<int64_t>(random() % (1u << bits));
    const int64_t point = mantissa << (random() % static_cast<unsigned>(31 - bits));
    if (point > kEnd - 1) continue;
    const int32_t v = smallest_reaching(static_cast<double>(point));
    ASSERT_GE(static_cast<double>(static_cast<float>(v)), static_cast<double>(point));
    ASSERT_LT(static_cast<double>(static_cast<float>(v - 1)), static_cast<double>(point));
    if (point <= 1 << 24) {
      ASSERT_EQ(v, point);
    }
  }
}

}  // namespace
}  // namespace weq::convert
