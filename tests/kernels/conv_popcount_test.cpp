// Counted bits: every pair of weight levels that they serve, all shapes, words partly used.
#include <gtest/gtest.h>

#include "kernels/conv/bounds.h"
#include "kernels/conv_popcount/popcount.h"
#include "tests/support/raw_conv.h"

namespace weq::kernels {
namespace {

using test::RawConv;

struct Levels {
  int8_t weights[2];
  int32_t inputs[2];
};
constexpr Levels kLevels[] = {{{-1, 1}, {0, 1}},     {{-1, 1}, {-1, 1}}, {{0, 1}, {0, 1}},
                              {{-3, 0}, {-2, 5}},    {{0, 7}, {1, 4}},   {{-128, 0}, {0, 255}},
                              {{-127, 127}, {0, 9}}, {{0, 0}, {0, 3}},   {{5, -5}, {-7, -3}}};

RawConv make(const Levels& levels, const ConvShape& shape, std::mt19937* random) {
  RawConv conv;
  conv.shape = shape;
  conv.map = test::level_map({levels.inputs[0], levels.inputs[1]}, levels.inputs[0] < 0 ? 128 : 0,
                             (*random)() % 4 == 0);
  conv.levels = {levels.weights[0], levels.weights[1]};
  conv.bits = 1 + static_cast<int32_t>((*random)() % 3);
  conv.fill(random);
  conv.bounds = compute_bounds(shape, conv.weights(conv.packed_codes()), conv.map);
  return conv;
}

TEST(ConvPopcount, EqualsThePlainSum) {
  const int32_t widths[] = {1, 3, 8, 31, 32, 33, 63, 64, 65, 96, 127, 128, 130, 193, 200};
  for (const ConvKernel* kernel : test::family("popcount")) {
    for (uint32_t seed = 0; seed < 300; ++seed) {
      SCOPED_TRACE(std::string(kernel->name) + " seed " + std::to_string(seed));
      std::mt19937 random(seed);
      const ConvShape shape =
          test::random_shape(&random, widths[random() % 15], widths[random() % 15]);
      const RawConv conv = make(kLevels[seed % 9], shape, &random);
      ASSERT_EQ(test::refusal(*kernel, conv), "");
      ASSERT_EQ(test::run_raw(*kernel, conv, 1 + seed % 4), conv.expected());
    }
  }
}

TEST(ConvPopcount, LongestSumsAreExact) {
  for (const ConvKernel* kernel : test::family("popcount")) {
    for (const Levels& levels : kLevels) {
      std::mt19937 random(1);
      ConvShape shape;
      shape.in_c = 20000;
      shape.out_c = 70;
      RawConv conv = make(levels, shape, &random);
      std::fill(conv.input_codes.begin(), conv.input_codes.end(), 1);
      for (size_t i = 0; i < conv.weight_codes.size(); ++i) {
        conv.weight_codes[i] = i / size_t(shape.in_c) % 2;
      }
      EXPECT_EQ(test::run_raw(*kernel, conv, 1), conv.expected());
    }
  }
}

TEST(ConvPopcount, RefusesWhatNeedsMoreThanOneCount) {
  std::mt19937 random(1);
  ConvShape shape;
  shape.in_c = shape.out_c = 4;
  ConvShape grouped = shape;
  grouped.groups = 2;
  const Levels skewed = {{-1, 2}, {0, 1}};
  RawConv three_weights = make(kLevels[0], shape, &random);
  three_weights.levels = {-1, 0, 1};
  three_weights.bits = 2;
  RawConv three_inputs = make(kLevels[0], shape, &random);
  three_inputs.map = test::level_map({0, 1, 2}, 0);
  for (const ConvKernel* kernel : test::family("popcount")) {
    EXPECT_NE(test::refusal(*kernel, make(skewed, shape, &random)), "");
    EXPECT_NE(test::refusal(*kernel, make(kLevels[0], grouped, &random)), "");
    EXPECT_NE(test::refusal(*kernel, three_weights), "");
    EXPECT_NE(test::refusal(*kernel, three_inputs), "");
    EXPECT_EQ(test::refusal(*kernel, make(kLevels[0], shape, &random)), "");
  }
}

}  // namespace
}  // namespace weq::kernels
