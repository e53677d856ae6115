// Strassen's product against the reference on shapes that it takes, up to the very bounds.
#include <gtest/gtest.h>

#include <map>

#include "kernels/conv/bounds.h"
#include "tests/support/conv_family.h"

namespace weq::kernels {
namespace {

using test::Random;

ConvShape random_large_product(Random& random) {
  ConvShape s;
  s.batch = random.of<int32_t>({1, 1, 2, 3});
  s.in_c = 8 * random.int32(1, random.chance(0.2) ? 60 : 20);
  s.out_c = 64 * random.int32(1, 3);
  s.in_h = random.int32(1, 9);
  s.in_w = random.int32(1, 9);
  s.stride_h = random.int32(1, 2);
  s.stride_w = random.int32(1, 2);
  s.out_h = (s.in_h - 1) / s.stride_h + 1;
  s.out_w = (s.in_w - 1) / s.stride_w + 1;
  return s;
}

TEST(ConvStrassen, EqualsTheReference) {
  std::map<std::string, int> accepted;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    const auto c = test::random_conv_case(random, random_large_product(random));
    SCOPED_TRACE(testing::Message() << "seed " << seed << ": " << c->describe());
    std::vector<std::string> ran;
    ASSERT_NO_FATAL_FAILURE(test::expect_family_equals("strassen", *c, 4, {0}, random, &ran));
    for (const std::string& name : ran) ++accepted[name];
  }
  for (const ConvKernel* kernel : test::family("strassen"))
    EXPECT_GE(accepted[kernel->name], 80) << kernel->name;
}

// Levels and weights at both ends: S reach 4 * 63 and T 4 * 31.
TEST(ConvStrassen, IsExactAtTheBounds) {
  const std::vector<std::pair<std::vector<int32_t>, int32_t>> maps = {
      {{0, 63}, 0}, {{-63, 0}, 63}, {{-31, 32}, 128}, {{192, 255}, 0}, {{-128, -65}, 128}};
  uint32_t seed = 0;
  for (const auto& [levels, offset] : maps) {
    SCOPED_TRACE(testing::Message() << "levels from " << levels[0]);
    std::mt19937 random(++seed);
    test::RawConv conv;
    conv.shape.in_h = conv.shape.out_h = 5;
    conv.shape.in_w = conv.shape.out_w = 7;
    conv.shape.in_c = 88;
    conv.shape.out_c = 128;
    conv.map = test::level_map(levels, offset);
    conv.levels = {-31, 31};
    conv.bits = 1;
    conv.fill(&random);
    const std::vector<uint8_t> codes = conv.packed_codes();
    conv.bounds = compute_bounds(conv.shape, conv.weights(codes), conv.map);
    for (const ConvKernel* kernel : test::family("strassen")) {
      ASSERT_EQ(test::refusal(*kernel, conv), "") << kernel->name;
      ASSERT_EQ(test::run_raw(*kernel, conv, 2), conv.expected()) << kernel->name;
    }
  }
}

TEST(ConvStrassen, RefusesWhatIsBeyondTheBounds) {
  for (const ConvKernel* kernel : test::family("strassen")) {
    SCOPED_TRACE(kernel->name);
    test::RawConv conv;
    conv.shape.in_c = 8;
    conv.shape.out_c = 64;
    conv.weight_codes.assign(8 * 64, 1);
    const auto refused = [&](const std::vector<int32_t>& levels, int32_t weight) {
      conv.map = test::level_map(levels, 0);
      conv.levels = {0, static_cast<int8_t>(weight)};
      const std::vector<uint8_t> codes = conv.packed_codes();
      conv.bounds = compute_bounds(conv.shape, conv.weights(codes), conv.map);
      return test::refusal(*kernel, conv) != "";
    };
    EXPECT_FALSE(refused({0, 63}, 31));
    EXPECT_TRUE(refused({0, 64}, 31));
    EXPECT_TRUE(refused({0, 63}, -32));
    conv.shape.in_h = 2;
    conv.shape.out_h = 3;  // padded below
    EXPECT_TRUE(refused({0, 63}, 1));
  }
}

}  // namespace
}  // namespace weq::kernels
