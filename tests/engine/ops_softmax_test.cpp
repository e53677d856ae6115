// Softmax and log-softmax against double precision, from bytes, units and floats, over any axis;
// requantized outputs against the float ones; exp and log against the library over their ranges.
#include "kernels/softmax/softmax.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tests/support/op_case.h"

namespace weq::test {
namespace {

constexpr int kCases = 40;

struct SoftmaxCase {
  explicit SoftmaxCase(uint64_t seed) : random(seed) {
    shape.resize(static_cast<size_t>(random.in(1, 4)));
    for (int64_t& d : shape) d = random.in(1, 9);
    axis = static_cast<size_t>(random.in(0, int64_t(shape.size()) - 1));
    shape[axis] = random.of<int64_t>({1, 2, 10, 15, 16, 17, 100, 1000});
    kind = random.int32(0, 2);
    log = random.chance(0.5);
    const int64_t count = elements(shape);
    if (kind == 0) {
      const kernels::LevelMap map = random_level_map(random);
      const float unit = map.max_level > 300 ? 0.01f : 0.1f;
      const std::vector<uint8_t> bytes = random_bytes(random, map, count);
      for (uint8_t byte : bytes) x.push_back(unit * static_cast<float>(map.level[byte]));
      add_input = [=](OpCase* op) { op->bytes_input(op->quantizer(map, unit), shape, bytes); };
    } else if (kind == 1) {
      std::vector<int32_t> v;
      for (int64_t i = 0; i < count; ++i) v.push_back(random.int32(-1000000, 1000000));
      for (int32_t value : v) x.push_back(2e-5f * static_cast<float>(value));
      add_input = [=](OpCase* op) { op->units_input(2e-5f, shape, v); };
    } else {
      for (int64_t i = 0; i < count; ++i)
        x.push_back(static_cast<float>(random.in(-4000, 4000)) / 100);
      add_input = [=](OpCase* op) { op->float_input(shape, x); };
    }
  }

  // In double precision, from the same single-precision inputs.
  std::vector<double> expected() const {
    std::vector<double> result(x.size());
    const auto length = static_cast<size_t>(shape[axis]);
    size_t inner = 1;
    for (size_t i = axis + 1; i < shape.size(); ++i) inner *= static_cast<size_t>(shape[i]);
    for (size_t start = 0; start < x.size(); ++start) {
      if (start / inner % length != 0) continue;
      double greatest = -INFINITY, sum = 0;
      for (size_t k = 0; k < length; ++k)
        greatest = std::max(greatest, double{x[start + k * inner]});
      for (size_t k = 0; k < length; ++k) sum += std::exp(x[start + k * inner] - greatest);
      for (size_t k = 0; k < length; ++k) {
        const double shifted = x[start + k * inner] - greatest;
        result[start + k * inner] = log ? shifted - std::log(sum) : std::exp(shifted) / sum;
      }
    }
    return result;
  }

  std::vector<float> run_float() {
    OpCase op;
    add_input(&op);
    op.float_output();
    format::SoftmaxT softmax;
    softmax.axis = static_cast<uint8_t>(axis);
    softmax.log = log;
    op.set_op(std::move(softmax));
    const auto results = op.run();
    return results.empty() ? std::vector<float>() : bytes_as<float>(results[0]);
  }

  Random random;
  Shape shape;
  size_t axis = 0;
  int kind = 0;
  bool log = false;
  std::vector<float> x;
  std::function<void(OpCase*)> add_input;
};

TEST(OpsSoftmax, IsWithinRoundingOfDoublePrecision) {
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SoftmaxCase s(seed);
    const std::vector<double> expected = s.expected();
    const std::vector<float> got = s.run_float();
    ASSERT_EQ(got.size(), expected.size());
    for (size_t i = 0; i < got.size(); ++i) {
      if (s.log) {
        EXPECT_NEAR(got[i], expected[i], 4e-7 * (1 + std::abs(expected[i])));
      } else {
        // Differences of up to 80 carry half a unit of their last place into the exponent.
        EXPECT_NEAR(got[i], expected[i], 5e-6 * expected[i] + 1e-37);
      }
    }
  }
}

TEST(OpsSoftmax, RequantizedOutputsCountThresholdsOfTheFloatResult) {
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SoftmaxCase s(seed + 100);
    const std::vector<float> values = s.run_float();
    OpCase op;
    s.add_input(&op);
    const double scale = s.log ? 65536 : 16777216;
    const Ends ends(s.random, &op, static_cast<float>(1 / scale), s.log ? 3000000 : 16777216);
    format::SoftmaxT softmax;
    softmax.axis = static_cast<uint8_t>(s.axis);
    softmax.log = s.log;
    softmax.outputs = ends.lists();
    op.set_op(std::move(softmax));
    std::vector<int64_t> v;
    for (float value : values)
      v.push_back(static_cast<int64_t>(std::floor(double{value} * scale + 0.5)));
    ends.expect(v, op.run());
  }
}

TEST(OpsSoftmax, ExpAndLogKeepTheirDocumentedErrors) {
  double exp_error = 0, log_error = 0, log_small = 0;
  Random random(1);
  for (int i = 0; i < 2000000; ++i) {
    const float x =
        -87.0f * static_cast<float>(random.in(0, 1 << 24)) / static_cast<float>(1 << 24);
    const double exact = std::exp(double{x});
    exp_error = std::max(exp_error, std::abs(kernels::exp_nonpositive(x) / exact - 1));
    const auto y = static_cast<float>(std::exp(static_cast<double>(random.in(0, 1 << 24)) * 1e-6));
    const double log = std::log(double{y}), error = std::abs(kernels::log_from_one(y) - log);
    if (log < 0.5) {
      log_small = std::max(log_small, error);
    } else {
      log_error = std::max(log_error, error / log);
    }
  }
  EXPECT_LT(exp_error, 8.6e-8);
  EXPECT_LT(log_error, 1.1e-7);
  EXPECT_LT(log_small, 4.7e-8);
  EXPECT_EQ(kernels::exp_nonpositive(0), 1.0f);
  EXPECT_EQ(kernels::exp_nonpositive(-0.0f), 1.0f);
  EXPECT_EQ(kernels::exp_nonpositive(-88), 0.0f);
  EXPECT_EQ(kernels::exp_nonpositive(-INFINITY), 0.0f);
  EXPECT_EQ(kernels::log_from_one(1), 0.0f);
}

TEST(OpsSoftmax, ExtremeRowsStayDefined) {
  std::vector<float> row = {0, -1e30f, -INFINITY, 0};
  kernels::softmax_row(row.data(), 4, false);
  EXPECT_EQ(row, (std::vector<float>{0.5f, 0, 0, 0.5f}));
  row = {NAN, 1, INFINITY, 0};
  kernels::softmax_row(row.data(), 4, true);
  std::vector<int32_t> v(4);
  kernels::softmax_units(row.data(), 4, true, v.data());
  for (int32_t value : v) EXPECT_EQ(value, -32767 * 65536);
  row = {0, -1e30f, -INFINITY, 0};
  kernels::softmax_row(row.data(), 4, true);
  kernels::softmax_units(row.data(), 4, true, v.data());
  EXPECT_EQ(v, (std::vector<int32_t>{-45426, -32767 * 65536, -32767 * 65536, -45426}));
}

TEST(OpsSoftmax, BadTablesAreRefused) {
  OpCase op;
  op.float_input({2, 3}, std::vector<float>(6));
  op.bytes_output(op.quantizer(make_level_map({0, 1}, true, 0)));
  format::SoftmaxT softmax;
  op.set_op(softmax);
  EXPECT_EQ(op.fault(), "outputs: no thresholds for a quantized output");
  softmax.axis = 2;
  op.set_op(softmax);
  EXPECT_EQ(op.fault(), "axis: the input has fewer axes");
}

}  // namespace
}  // namespace weq::test
