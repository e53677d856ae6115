#include "converters/quantize/channel_correction.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace weq::convert {
namespace {

struct Data {
  std::vector<double> x, y;
  ChannelSums sums() const {
    ChannelSums s;
    for (size_t i = 0; i < x.size(); ++i) s.add(x[i], y[i]);
    return s;
  }
};

Data noisy(double gain, double shift, double noise, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Data d;
  for (int i = 0; i < 2000; ++i) {
    d.x.push_back(3 + normal(random));
    d.y.push_back(gain * d.x.back() + shift + noise * normal(random));
  }
  return d;
}

double error(const Data& d, double gain, double shift) {
  double sum = 0;
  for (size_t i = 0; i < d.x.size(); ++i) {
    const double gap = gain * d.x[i] + shift - d.y[i];
    sum += gap * gap;
  }
  return sum;
}

TEST(ChannelCorrection, FindsAnExactLine) {
  const Data d = noisy(1.2, -0.7, 0, 1);
  for (const Correction kind : {Correction::kLeastSquares, Correction::kVariance}) {
    const ChannelCorrection c = correct_channel(d.sums(), kind);
    EXPECT_NEAR(c.gain, 1.2, 1e-9);
    EXPECT_NEAR(c.shift, -0.7, 1e-8);
  }
}

TEST(ChannelCorrection, LeastSquaresIsALeast) {
  const Data d = noisy(0.9, 0.3, 0.5, 2);
  const ChannelCorrection c = correct_channel(d.sums(), Correction::kLeastSquares);
  const double least = error(d, c.gain, c.shift);
  for (const double dg : {-0.01, 0.0, 0.01}) {
    for (const double ds : {-0.01, 0.0, 0.01}) {
      EXPECT_LE(least, error(d, c.gain + dg, c.shift + ds) * (1 + 1e-12));
    }
  }
}

TEST(ChannelCorrection, VarianceMatchesMeanAndDeviation) {
  const Data d = noisy(0.9, 0.3, 0.5, 3);
  const ChannelCorrection c = correct_channel(d.sums(), Correction::kVariance);
  ChannelSums after;
  for (size_t i = 0; i < d.x.size(); ++i) after.add(c.gain * d.x[i] + c.shift, d.y[i]);
  const double n = static_cast<double>(after.n);
  EXPECT_NEAR(after.x / n, after.y / n, 1e-9);
  EXPECT_NEAR(after.xx / n - std::pow(after.x / n, 2), after.yy / n - std::pow(after.y / n, 2),
              1e-8);
}

TEST(ChannelCorrection, GuardsDeadFallingAndWildChannels) {
  Data dead;
  dead.x.assign(100, 2.0);
  for (int i = 0; i < 100; ++i) dead.y.push_back(i % 2 ? 1.0 : 2.0);
  ChannelCorrection c = correct_channel(dead.sums(), Correction::kLeastSquares);
  EXPECT_EQ(c.gain, 1);
  EXPECT_NEAR(c.shift, -0.5, 1e-12);
  c = correct_channel(noisy(-1, 0, 0, 4).sums(), Correction::kVariance);
  EXPECT_EQ(c.gain, 1);
  c = correct_channel(noisy(10, 0, 0, 5).sums(), Correction::kLeastSquares);
  EXPECT_EQ(c.gain, 2);
  c = correct_channel(noisy(0.01, 0, 0, 6).sums(), Correction::kLeastSquares);
  EXPECT_EQ(c.gain, 0.5);
  c = correct_channel(ChannelSums(), Correction::kLeastSquares);
  EXPECT_EQ(c.gain, 1);
  EXPECT_EQ(c.shift, 0);
}

TEST(ChannelCorrection, MergedSumsAreTheSumsOfAll) {
  const Data a = noisy(1.1, 0, 0.1, 7), b = noisy(1.1, 0, 0.1, 8);
  ChannelSums merged = a.sums();
  merged.merge(b.sums());
  Data both = a;
  both.x.insert(both.x.end(), b.x.begin(), b.x.end());
  both.y.insert(both.y.end(), b.y.begin(), b.y.end());
  const ChannelCorrection one = correct_channel(merged, Correction::kLeastSquares);
  const ChannelCorrection two = correct_channel(both.sums(), Correction::kLeastSquares);
  EXPECT_NEAR(one.gain, two.gain, 1e-9);
  EXPECT_NEAR(one.shift, two.shift, 1e-9);
}

}  // namespace
}  // namespace weq::convert
