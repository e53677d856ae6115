// Winograd in 16 bits at its one bound: sums of weight * stored byte below 2^25.
#include <gtest/gtest.h>

#include "kernels/conv/bounds.h"
#include "tests/support/raw_conv.h"

namespace weq::kernels {
namespace {

// 3x3, stride 1; all weights and most inputs at their largest, the sign of a weight drawn per
// output channel and, for some, per input channel or tap.
test::RawConv largest_sums(int32_t in_c, int32_t out_c, int32_t size) {
  test::RawConv conv;
  ConvShape& s = conv.shape;
  s.kernel_h = s.kernel_w = 3;
  s.in_h = s.in_w = s.out_h = s.out_w = size;
  s.pad_top = s.pad_left = 1;
  s.in_c = in_c;
  s.out_c = out_c;
  conv.map = test::level_map({0, 255}, 0);
  conv.levels = {-127, 127};
  conv.bits = 1;
  std::mt19937 random(1);
  conv.fill(&random);
  std::fill_n(conv.input_codes.begin(), in_c * size * (size - 4), 1);
  for (int32_t o = 0; o < out_c; ++o) {
    for (int32_t tap = 0; tap < 9; ++tap) {
      for (int32_t c = 0; c < in_c; ++c) {
        const int32_t code = o % 4 == 0 ? 0 : o % 4 == 1 ? 1 : o % 4 == 2 ? tap % 2 : c % 2;
        conv.weight_codes[size_t((o * 9 + tap) * in_c + c)] = code;
      }
    }
  }
  const std::vector<uint8_t> codes = conv.packed_codes();
  conv.bounds = compute_bounds(conv.shape, conv.weights(codes), conv.map);
  return conv;
}

std::vector<const ConvKernel*> kernels_in_16_bits() {
  std::vector<const ConvKernel*> found;
  for (const ConvKernel* kernel : test::family("winograd"))
    if (std::string(kernel->name).find("winograd4") == 0) found.push_back(kernel);
  return found;
}

TEST(ConvWinograd4, IsExactUpToTheBound) {
  if (kernels_in_16_bits().empty()) GTEST_SKIP() << "no such kernel runs here";
  const test::RawConv conv = largest_sums(115, 24, 11);  // 255 * 127 * 9 * 115 = 2^25 - 35,957
  const std::vector<int32_t> expected = conv.expected();
  EXPECT_EQ(*std::max_element(expected.begin(), expected.end()), 255 * 127 * 9 * 115);
  for (const ConvKernel* kernel : kernels_in_16_bits()) {
    SCOPED_TRACE(kernel->name);
    EXPECT_EQ(test::refusal(*kernel, conv), "");
    EXPECT_EQ(test::run_raw(*kernel, conv, 2), expected);
  }
}

TEST(ConvWinograd4, RefusesLargerSumsButNotTheirProspect) {
  test::RawConv conv = largest_sums(116, 24, 5);
  for (const ConvKernel* kernel : kernels_in_16_bits())
    EXPECT_EQ(test::refusal(*kernel, conv), "sums of 2^25 and more") << kernel->name;
  // Weights of both signs: the largest alone would say no, their sum says yes.
  for (size_t i = 0; i < conv.weight_codes.size(); ++i)
    conv.weight_codes[i] = static_cast<int32_t>(i % 2);
  const std::vector<uint8_t> codes = conv.packed_codes();
  conv.bounds = compute_bounds(conv.shape, conv.weights(codes), conv.map);
  for (const ConvKernel* kernel : kernels_in_16_bits()) {
    SCOPED_TRACE(kernel->name);
    EXPECT_EQ(test::refusal(*kernel, conv), "");
    EXPECT_EQ(test::run_raw(*kernel, conv, 3), conv.expected());
  }
}

// Every layout of weights: U packed, and levels in one chunk and in several.
TEST(ConvWinograd4, IsExactForEveryLayout) {
  for (const int32_t in_c : {16, 37, 128, 290}) {
    test::RawConv conv = largest_sums(in_c, 64, 6);
    conv.map = test::level_map({-3, 0, 5}, 3);
    conv.levels = {-7, 6};
    std::mt19937 random(static_cast<uint32_t>(in_c));
    conv.fill(&random);
    const std::vector<uint8_t> codes = conv.packed_codes();
    conv.bounds = compute_bounds(conv.shape, conv.weights(codes), conv.map);
    for (const ConvKernel* kernel : kernels_in_16_bits())
      EXPECT_EQ(test::run_raw(*kernel, conv, 1), conv.expected()) << kernel->name << " " << in_c;
  }
}

}  // namespace
}  // namespace weq::kernels
