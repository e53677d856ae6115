#include "bench/networks/weights.h"

#include <cmath>
#include <cstdlib>

namespace weq::bench {
namespace {

// One weight is
//     strength[o][i] * input[i] * plane[o][t] * tap[t] * (lean * a[o][i] + rest * n[o][i][t]) +
//     mean[o]
// with strengths, inputs and planes lognormal, a, n and means normal; the variances of a and n add
// up to 1.
struct Statistics {
  double strength, input, plane;  // standard deviations of logarithms
  double lean;                    // correlation of two taps: its square
  double mean;          // standard deviation of an output channel's mean, in that of its weights
  double centre, edge;  // amplitude of the taps by distance from the middle, beside 1 in corners
};

// Medians over layers of trained networks (resnet18_pqf, resnet50_pqf, squeezenet11 and
// mobilenet_v1_075, channel by channel in units of its root mean square): fourth moment 4.6 for 1x1
// and 5.3 for 3x3; variance of the sum of nine taps 2.2 times that of independent ones; energy of
// corners, edges and centre 0.6, 1.1, 1.9; of depthwise 0.4, 0.9, 3.9 and leaning more.
constexpr Statistics kPoint = {0.30, 0.15, 0, 0, 0.05, 1, 1};
constexpr Statistics kWindow = {0.33, 0.15, 0.35, 0.75, 0.08, 1.7, 1.3};
constexpr Statistics kDepthwise = {0, 0, 0, 0.5, 0.1, 3.1, 1.5};

const Statistics& statistics_of(const WeightShape& shape) {
  if (shape.depthwise) return kDepthwise;
  return shape.kernel > 1 ? kWindow : kPoint;
}

// e^x for small x in plain arithmetic: the same bytes on every machine.
double exponential(double x) {
  double power = 1 + x / 256;
  for (int i = 0; i < 8; ++i) power *= power;
  return power;
}

// Tap amplitudes whose squares average 1. Beyond 3x3 what is not in the middle third is a corner.
std::vector<double> taps_of(const WeightShape& shape, const Statistics& statistics) {
  const int64_t size = shape.kernel, third = (size - 1) / 3;
  const auto in_middle = [&](int64_t at) { return std::abs(2 * at - (size - 1)) <= third; };
  std::vector<double> taps;
  double energy = 0;
  for (int64_t y = 0; y < size; ++y) {
    for (int64_t x = 0; x < size; ++x) {
      const int near = (in_middle(y) ? 1 : 0) + (in_middle(x) ? 1 : 0);
      taps.push_back(near == 2 ? statistics.centre : near == 1 ? statistics.edge : 1);
      energy += taps.back() * taps.back();
    }
  }
  for (double& tap : taps) tap /= std::sqrt(energy / static_cast<double>(taps.size()));
  return taps;
}

std::vector<double> lognormals(int64_t count, double deviation, convert::Noise* noise) {
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(exponential(deviation * static_cast<double>(noise->normal())));
  return values;
}

}  // namespace

std::vector<float> draw_weights(const WeightShape& shape, float deviation, convert::Noise* noise) {
  const Statistics& s = statistics_of(shape);
  const std::vector<double> taps = taps_of(shape, s);
  const std::vector<double> inputs = lognormals(shape.inputs, s.input, noise);
  const double rest = std::sqrt(1 - s.lean * s.lean);
  const auto normal = [&] { return static_cast<double>(noise->normal()); };
  std::vector<float> weights;
  weights.reserve(static_cast<size_t>(shape.outputs * shape.inputs) * taps.size());
  double energy = 0;
  for (int64_t o = 0; o < shape.outputs; ++o) {
    const double mean = s.mean * normal();
    const std::vector<double> planes = lognormals(shape.kernel * shape.kernel, s.plane, noise);
    for (int64_t i = 0; i < shape.inputs; ++i) {
      const double strength = exponential(s.strength * normal()) * inputs[static_cast<size_t>(i)];
      const double common = s.lean == 0 ? 0 : s.lean * normal();
      for (size_t t = 0; t < taps.size(); ++t) {
        const double weight = strength * planes[t] * taps[t] * (common + rest * normal()) + mean;
        energy += weight * weight;
        weights.push_back(static_cast<float>(weight));
      }
    }
  }
  const double root = std::sqrt(energy / static_cast<double>(weights.size()));
  const auto scale = static_cast<float>(static_cast<double>(deviation) / root);
  for (float& weight : weights) weight *= scale;
  return weights;
}

}  // namespace weq::bench
