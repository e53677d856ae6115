// Shift kernels: levels m * 2^e on level bytes and code bytes, wrapping class sums, refusals.
#include <gtest/gtest.h>

#include <set>

#include "kernels/conv_shift/terms.h"
#include "tests/support/raw_conv.h"

namespace weq::kernels {
namespace {

using test::RawConv;

// 0 and m << e for some of the mantissas and exponents, ascending.
std::vector<int32_t> log_levels(const std::vector<int32_t>& mantissas, int32_t exponents) {
  std::set<int32_t> levels = {0};
  for (int32_t m : mantissas) {
    for (int32_t e = 0; e < exponents; ++e) levels.insert(m * (1 << e));
  }
  return {levels.begin(), levels.end()};
}

LevelMap random_map(std::mt19937* random) {
  switch ((*random)() % 6) {
    case 0:
      return test::level_map(log_levels({1}, 8), 0);
    case 1:
      return test::level_map(log_levels({1}, 16), 0, true);
    case 2:
      return test::level_map(log_levels({16, 23}, 4), 0);
    case 3:
      return test::level_map(log_levels({16, 19, 23, 27}, 11), 0, true);
    case 4:
      return test::level_map(log_levels({1, 3, -1, -3}, 6), 128);
    default:  // eight mantissas, none of them 1, and no zero
      return test::level_map({-33, -22, -7, 3, 5, 9, 11, 13, 26, 40}, 0, true);
  }
}

RawConv random_conv(std::mt19937* random) {
  const int32_t widths[] = {1, 2, 3, 5, 8, 16, 17, 31, 32, 33, 64, 65, 70, 130};
  RawConv conv;
  conv.shape = test::random_shape(random, widths[(*random)() % 14], widths[(*random)() % 14]);
  if ((*random)() % 3 == 0) {
    conv.shape.groups = 1 + static_cast<int32_t>((*random)() % 4);
    conv.shape.in_c = conv.shape.groups * (1 + static_cast<int32_t>((*random)() % 9));
    conv.shape.out_c = conv.shape.groups * (1 + static_cast<int32_t>((*random)() % 40));
  }
  conv.map = random_map(random);
  conv.bits = 1 + static_cast<int32_t>((*random)() % 8);
  for (int32_t i = 0; i < 1 << conv.bits; ++i) {
    conv.levels.push_back(static_cast<int8_t>((*random)() % 256));
  }
  conv.fill(random);
  return conv;
}

TEST(ConvShift, EqualsThePlainSum) {
  for (const ConvKernel* kernel : test::family("shift")) {
    for (uint32_t seed = 0; seed < 150; ++seed) {
      SCOPED_TRACE(std::string(kernel->name) + " seed " + std::to_string(seed));
      std::mt19937 random(seed);
      const RawConv conv = random_conv(&random);
      ASSERT_EQ(test::refusal(*kernel, conv), "");
      ASSERT_EQ(test::run_raw(*kernel, conv, 1 + seed % 4), conv.expected());
    }
  }
}

TEST(ConvShift, CutsWideLayersIntoItems) {
  for (const ConvKernel* kernel : test::family("shift")) {
    std::mt19937 random(5);
    RawConv conv = random_conv(&random);
    conv.shape = ConvShape();
    conv.shape.in_c = 9;
    conv.shape.out_c = 1100;
    conv.fill(&random);
    ASSERT_EQ(test::run_raw(*kernel, conv, 3), conv.expected()) << kernel->name;
  }
}

// Each class alone leaves int32 (700 * 127 * 3 * 2^14 > 2^31); their sum does not.
TEST(ConvShift, ClassSumsMayWrap) {
  RawConv conv;
  conv.shape.in_c = 1400;
  conv.map = test::level_map({-3 * (1 << 14), 1 << 15}, 0, true);
  conv.levels = {127};
  conv.bits = 1;
  std::mt19937 random(1);
  conv.fill(&random);
  for (size_t i = 0; i < conv.input_codes.size(); ++i) conv.input_codes[i] = i % 2;
  ASSERT_EQ(conv.expected().front(), 700 * 127 * ((1 << 15) - 3 * (1 << 14)));
  for (const ConvKernel* kernel : test::family("shift")) {
    EXPECT_EQ(test::run_raw(*kernel, conv, 1), conv.expected()) << kernel->name;
  }
}

TEST(ConvShift, LargestSums) {
  RawConv conv;
  conv.shape.in_c = 516;  // 516 * 127 * 2^15 < 2^31 < 517 * ...
  conv.shape.out_c = 2;
  conv.map = test::level_map({0, 1 << 15}, 0, true);
  conv.levels = {-127, 127};
  conv.bits = 1;
  std::mt19937 random(1);
  conv.fill(&random);
  std::fill(conv.input_codes.begin(), conv.input_codes.end(), 1);
  for (size_t i = 0; i < conv.weight_codes.size(); ++i) conv.weight_codes[i] = i >= 516;
  ASSERT_EQ(conv.expected().back(), 516 * 127 * (1 << 15));
  for (const ConvKernel* kernel : test::family("shift")) {
    EXPECT_EQ(test::run_raw(*kernel, conv, 1), conv.expected()) << kernel->name;
  }
}

TEST(ShiftCodes, SplitEveryLevel) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    const LevelMap map = random_map(&random);
    ShiftCodes codes;
    ASSERT_TRUE(shift_codes(map, &codes));
    for (int32_t k = 0; k < map.codes; ++k) {
      const uint8_t byte = map.byte_of_code[k];
      if (map.level[byte] == 0) {
        EXPECT_EQ(codes.class_of[byte], kZeroClass);
      } else {
        ASSERT_LT(codes.class_of[byte], codes.classes);
        EXPECT_EQ(codes.mantissa[codes.class_of[byte]] * (1 << codes.exponent[byte]),
                  map.level[byte]);
      }
    }
  }
}

TEST(ShiftCodes, RefuseNineMantissas) {
  RawConv conv;
  std::mt19937 random(1);
  conv.levels = {-1, 1};
  conv.map = test::level_map({0, 1, 3, 5, 7, 9, 11, 13, 15}, 0);
  conv.fill(&random);
  for (const ConvKernel* kernel : test::family("shift")) {
    EXPECT_EQ(test::refusal(*kernel, conv), "") << kernel->name;
  }
  conv.map = test::level_map({0, 1, 3, 5, 7, 9, 11, 13, 15, 17}, 0);
  for (const ConvKernel* kernel : test::family("shift")) {
    EXPECT_NE(test::refusal(*kernel, conv), "") << kernel->name;
  }
}

// By measurement the direct kernels are several times as fast on the layers of real networks.
TEST(ConvShift, CostsMoreThanDirect) {
  const int32_t layers[][4] = {// in, out, size, kernel
                               {3, 64, 112, 7},   {16, 16, 32, 3},   {64, 64, 56, 1},
                               {128, 128, 28, 3}, {512, 2048, 7, 1}, {2048, 1000, 1, 1}};
  for (const ConvKernel* kernel : test::family("shift")) {
    for (const ConvKernel* direct : test::family("direct")) {
      if (kernel->isa != direct->isa) continue;
      for (const auto& layer : layers) {
        RawConv conv;
        ConvShape& s = conv.shape;
        s.in_c = layer[0];
        s.out_c = layer[1];
        s.in_h = s.in_w = s.out_h = s.out_w = layer[2];
        s.kernel_h = s.kernel_w = layer[3];
        s.pad_top = s.pad_left = layer[3] / 2;
        conv.map = test::level_map(log_levels({1}, 8), 0);
        conv.levels = {-3, -1, 1, 3};
        const ConvProblem problem = {s, conv.weights({}), &conv.map, nullptr, {3, 0, 0, 0}};
        ASSERT_EQ(direct->refuse(problem), nullptr);
        EXPECT_GT(kernel->cost(problem), direct->cost(problem))
            << kernel->name << ' ' << layer[0] << '-' << layer[1] << ' ' << layer[3];
      }
    }
  }
}

}  // namespace
}  // namespace weq::kernels
