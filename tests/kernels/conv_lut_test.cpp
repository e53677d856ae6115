// Grouped lookup tables: sums exact up to the last value a byte holds, and the flush interval that
// guarantees it.
#include <gtest/gtest.h>

#include "kernels/conv/longest_run.h"
#include "kernels/conv_lut/flush.h"
#include "tests/support/raw_conv.h"

namespace weq::kernels {
namespace {

using test::RawConv;

void set_bounds(RawConv* conv) {
  const std::vector<uint8_t> codes = conv->packed_codes();
  conv->bounds.lut_flush3 = lut_flush(conv->shape, conv->weights(codes), conv->map, 3);
  conv->bounds.lut_flush2 = lut_flush(conv->shape, conv->weights(codes), conv->map, 2);
}

// Two to four distinct ascending values in [low, high]; with 0 among them when asked.
std::vector<int32_t> random_levels(std::mt19937* random, int32_t low, int32_t high, bool zero) {
  std::vector<int32_t> levels;
  if (zero) levels.push_back(0);
  const size_t count = 2 + (*random)() % 3;
  while (levels.size() < count) {
    const int32_t level = low + static_cast<int32_t>((*random)() % uint32_t(high - low + 1));
    if (std::find(levels.begin(), levels.end(), level) == levels.end()) levels.push_back(level);
  }
  std::sort(levels.begin(), levels.end());
  return levels;
}

RawConv random_conv(std::mt19937* random) {
  const int32_t widths[] = {1, 2, 3, 4, 5, 15, 16, 17, 31, 63, 64, 65, 96, 127, 130, 193, 200};
  RawConv conv;
  conv.shape = test::random_shape(random, widths[(*random)() % 17], widths[(*random)() % 17]);
  const int32_t offset = (*random)() % 2 ? 128 : 0;
  const std::vector<int32_t> inputs = random_levels(random, offset ? -6 : 0, 9, true);
  conv.map = test::level_map(inputs, offset, (*random)() % 4 == 0);
  for (int32_t w : random_levels(random, -5, 5, (*random)() % 2)) {
    conv.levels.push_back(static_cast<int8_t>(w));
  }
  conv.bits =
      conv.levels.size() == 2 && (*random)() % 2 ? 1 : 2 + static_cast<int32_t>((*random)() % 2);
  conv.fill(random);
  set_bounds(&conv);
  return conv;
}

TEST(ConvLut, EqualsThePlainSum) {
  for (const ConvKernel* kernel : test::family("lut")) {
    int accepted = 0;
    for (uint32_t seed = 0; seed < 300; ++seed) {
      SCOPED_TRACE(std::string(kernel->name) + " seed " + std::to_string(seed));
      std::mt19937 random(seed);
      const RawConv conv = random_conv(&random);
      if (!test::refusal(*kernel, conv).empty()) continue;
      ++accepted;
      ASSERT_EQ(test::run_raw(*kernel, conv, 1 + seed % 4), conv.expected());
    }
    EXPECT_GT(accepted, 200) << kernel->name;
  }
}

// One pixel, `lookups` lookups of `group` channels, all weights and inputs at their extremes.
RawConv worst_case(int32_t group, int32_t lookups, int8_t weight, int32_t level) {
  RawConv conv;
  conv.shape.in_c = group * lookups;
  conv.shape.out_c = 70;
  conv.map = test::level_map({0, 1, level}, 0);
  conv.levels = {static_cast<int8_t>(-weight), 0, weight};
  std::mt19937 random(1);
  conv.fill(&random);
  std::fill(conv.input_codes.begin(), conv.input_codes.end(), 2);
  for (size_t i = 0; i < conv.weight_codes.size(); ++i) {
    conv.weight_codes[i] = i / size_t(conv.shape.in_c) % 2 ? 2 : 0;
  }
  set_bounds(&conv);
  return conv;
}

int32_t& flush_of(RawConv* conv, int32_t group) {
  return group == 3 ? conv->bounds.lut_flush3 : conv->bounds.lut_flush2;
}

int32_t group_of(const ConvKernel& kernel) { return kernel.isa == Isa::kAvx512Vbmi ? 3 : 2; }

TEST(ConvLut, FullBytesAreExactAndOneMoreLookupIsNot) {
  for (const ConvKernel* kernel : test::family("lut")) {
    SCOPED_TRACE(kernel->name);
    const int32_t group = group_of(*kernel);
    // A lookup adds up to 51 (17 * 3 * 1) or 30 (5 * 2 * 3).
    RawConv conv = group == 3 ? worst_case(3, 40, 1, 17) : worst_case(2, 40, 3, 5);
    EXPECT_EQ(flush_of(&conv, group), group == 3 ? 5 : 8);
    EXPECT_EQ(test::run_raw(*kernel, conv, 1), conv.expected());
    ++flush_of(&conv, group);
    EXPECT_NE(test::run_raw(*kernel, conv, 1), conv.expected()) << "a lie must show";
  }
}

TEST(ConvLut, SixteenBitSumsAreWidenedInTime) {
  for (const ConvKernel* kernel : test::family("lut")) {
    SCOPED_TRACE(kernel->name);
    // Every lookup fills its byte: 255 = 85 * 3 or 254 = 127 * 2; more runs than 16 bits can hold.
    const int32_t group = group_of(*kernel);
    RawConv conv = group == 3 ? worst_case(3, 1500, 85, 1) : worst_case(2, 1500, 127, 1);
    conv.map = test::level_map({0, 1}, 0);
    std::fill(conv.input_codes.begin(), conv.input_codes.end(), 1);
    set_bounds(&conv);
    ASSERT_EQ(flush_of(&conv, group), 1);
    EXPECT_EQ(test::run_raw(*kernel, conv, 1), conv.expected());
  }
}

// By definition: every window of n lookups of every channel, each lookup spelled out.
int32_t brute_force_flush(const RawConv& conv, int32_t group) {
  const ConvShape& s = conv.shape;
  int32_t filler = 127;
  for (int8_t level : conv.levels) filler = std::min(filler, std::abs(int32_t{level}));
  const int32_t per_tap = (s.in_c + group - 1) / group;
  const int32_t lookups = s.kernel_h * s.kernel_w * per_tap;
  const int32_t span = conv.map.max_level - conv.map.min_level;
  const auto adds = [&](int32_t o, int32_t l) {
    int32_t sum = 0;
    for (int32_t i = 0; i < group; ++i) {
      const int32_t c = l % per_tap + i * per_tap;
      const int64_t k = o * conv.weights_per_channel() + l / per_tap * s.in_c + c;
      sum += c < s.in_c ? std::abs(int32_t{conv.levels[size_t(conv.weight_codes[size_t(k)])]})
                        : filler;
    }
    return sum * span;
  };
  for (int32_t n = LongestRun::kLongest; n > 0; --n) {
    bool exact = true;
    for (int32_t o = 0; o < s.out_c && exact; ++o) {
      for (int32_t first = 0; first < lookups && exact; ++first) {
        int32_t sum = 0;
        for (int32_t l = first; l < std::min(first + n, lookups); ++l) sum += adds(o, l);
        exact = sum <= 255;
      }
    }
    if (exact) return n;
  }
  return 0;
}

TEST(LutFlush, EqualsBruteForceOverAllRuns) {
  int different = 0;
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const RawConv conv = random_conv(&random);
    if (conv.shape.in_c * conv.shape.out_c > 2000) continue;
    ASSERT_EQ(conv.bounds.lut_flush3, brute_force_flush(conv, 3));
    ASSERT_EQ(conv.bounds.lut_flush2, brute_force_flush(conv, 2));
    different += conv.bounds.lut_flush3 != conv.bounds.lut_flush2;
  }
  EXPECT_GT(different, 50);
}

TEST(LutFlush, RefusesWhatNoTableServes) {
  RawConv conv = worst_case(3, 4, 1, 3);
  const std::vector<uint8_t> codes = conv.packed_codes();
  ConvWeights weights = conv.weights(codes);
  EXPECT_GT(lut_flush(conv.shape, weights, conv.map, 3), 0);
  ConvShape grouped = conv.shape;
  grouped.groups = 2;
  EXPECT_EQ(lut_flush(grouped, weights, conv.map, 3), 0);
  EXPECT_EQ(lut_flush(conv.shape, weights, test::level_map({0, 1, 2, 3, 4}, 0), 3), 0);
  EXPECT_EQ(lut_flush(conv.shape, weights, test::level_map({0, 86}, 0), 3), 0);
  const int8_t five[] = {-2, -1, 0, 1, 2};
  weights.levels = five;
  weights.level_count = 5;
  EXPECT_EQ(lut_flush(conv.shape, weights, conv.map, 3), 0);
}

TEST(ConvLut, RefusesMissingChannelsWithoutZeroLevel) {
  RawConv conv = worst_case(3, 4, 1, 3);
  conv.shape.in_c = 7;
  conv.map = test::level_map({1, 2}, 0);
  std::mt19937 random(1);
  conv.fill(&random);
  set_bounds(&conv);
  for (const ConvKernel* kernel : test::family("lut")) {
    EXPECT_NE(test::refusal(*kernel, conv), "") << kernel->name;
  }
}

// The estimates decide between families; measurements put tables ahead from flush 4 on. (With
// AVX2, layers of 64 inputs are a tie.)
TEST(ConvLut, CostsLessThanDirectOnRealLayers) {
  const int32_t layers[][4] = {// in, out, size, kernel
                               {64, 64, 56, 3},   {256, 64, 56, 1},  {256, 128, 56, 1},
                               {128, 128, 28, 3}, {256, 256, 14, 3}, {512, 2048, 7, 1}};
  for (const ConvKernel* kernel : test::family("lut")) {
    for (const ConvKernel* direct : test::family("direct")) {
      if ((direct->isa == Isa::kAvx2) != (kernel->isa == Isa::kAvx2)) continue;
      for (const auto& layer : layers) {
        RawConv conv = worst_case(3, 4, 1, 3);
        ConvShape& s = conv.shape;
        s.in_c = layer[0];
        s.out_c = layer[1];
        s.in_h = s.in_w = s.out_h = s.out_w = layer[2];
        s.kernel_h = s.kernel_w = layer[3];
        s.pad_top = s.pad_left = layer[3] / 2;
        conv.bounds = {3, 4, 6, 1000};
        const std::vector<uint8_t> codes = conv.packed_codes();
        const ConvProblem problem = {s, conv.weights(codes), &conv.map, nullptr, conv.bounds};
        EXPECT_LT(kernel->cost(problem), direct->cost(problem))
            << kernel->name << ' ' << layer[0] << '-' << layer[1] << ' ' << layer[3];
      }
    }
  }
}

}  // namespace
}  // namespace weq::kernels
