#include "converters/report/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "converters/report/latency.h"
#include "tests/support/random.h"

namespace weq::convert {
namespace {

TEST(Metrics, ArgMaxTakesTheFirstOfEquals) {
  const std::vector<float> values = {1, 5, 5, -2};
  EXPECT_EQ(arg_max(values.data(), values.size()), 1u);
}

TEST(Metrics, RankCountsWhatStandsBefore) {
  const std::vector<float> values = {3, 9, 3, 7};
  EXPECT_EQ(rank_of(values.data(), 4, 1), 0u);
  EXPECT_EQ(rank_of(values.data(), 4, 3), 1u);
  EXPECT_EQ(rank_of(values.data(), 4, 0), 2u);
  EXPECT_EQ(rank_of(values.data(), 4, 2), 3u);
}

TEST(Metrics, SignalToNoiseInDecibels) {
  SignalToNoise snr;
  const std::vector<float> f = {3, 4}, q = {3, 3.5};
  snr.add(f.data(), q.data(), 2);
  EXPECT_NEAR(snr.db(), 20.0, 1e-12);  // 25 / 0.25
  const std::vector<float> exact = {0, 10};
  snr.add(exact.data(), exact.data(), 2);
  EXPECT_NEAR(snr.db(), 10 * std::log10(125 / 0.25), 1e-12);
}

TEST(Metrics, SignalToNoiseIsBounded) {
  SignalToNoise equal, lost, broken;
  const std::vector<float> one = {1}, zero = {0};
  equal.add(one.data(), one.data(), 1);
  EXPECT_EQ(equal.db(), 200);
  lost.add(zero.data(), one.data(), 1);
  EXPECT_EQ(lost.db(), -200);
  const std::vector<float> nan = {std::numeric_limits<float>::quiet_NaN()};
  broken.add(one.data(), nan.data(), 1);
  EXPECT_EQ(broken.db(), -200);
}

TEST(Metrics, MergingInOrderEqualsAdding) {
  test::Random random(3);
  SignalToNoise whole, first, second;
  for (int i = 0; i < 100; ++i) {
    const float f = static_cast<float>(random.in(-1000, 1000)) / 7;
    const float q = f + static_cast<float>(random.in(-10, 10)) / 7;
    whole.add(&f, &q, 1);
    (i < 40 ? first : second).add(&f, &q, 1);
  }
  first.merge(second);
  EXPECT_NEAR(first.db(), whole.db(), 1e-9);
}

TEST(Metrics, PercentilesInterpolate) {
  const Percentiles p = percentiles({4, 1, 3, 2, 5});
  EXPECT_DOUBLE_EQ(p.median, 3);
  EXPECT_DOUBLE_EQ(p.p10, 1.4);
  EXPECT_DOUBLE_EQ(p.p90, 4.6);
  EXPECT_DOUBLE_EQ(percentiles({7}).p90, 7);
}

}  // namespace
}  // namespace weq::convert
