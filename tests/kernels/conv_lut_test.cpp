// Grouped lookup tables: sums exact up to the last value a byte holds, the flush interval and the
// runs that guarantee it.
#include <gtest/gtest.h>

#include <numeric>

#include "kernels/conv/bounds.h"
#include "kernels/conv/longest_run.h"
#include "kernels/conv_lut/binary.h"
#include "kernels/conv_lut/flush.h"
#include "kernels/conv_lut/runs.h"
#include "tests/support/raw_conv.h"

namespace weq::kernels {
namespace {

using test::RawConv;

void set_bounds(RawConv* conv) {
  const std::vector<uint8_t> codes = conv->packed_codes();
  conv->bounds = compute_bounds(conv->shape, conv->weights(codes), conv->map);
}

// Two to `most` distinct ascending values in [low, high]; with 0 among them when asked.
std::vector<int32_t> random_levels(std::mt19937* random, int32_t low, int32_t high, bool zero,
                                   uint32_t most) {
  std::vector<int32_t> levels;
  if (zero) levels.push_back(0);
  const size_t count = std::min<size_t>(2 + (*random)() % (most - 1), size_t(high - low + 1));
  while (levels.size() < count) {
    const int32_t level = low + static_cast<int32_t>((*random)() % uint32_t(high - low + 1));
    if (std::find(levels.begin(), levels.end(), level) == levels.end()) levels.push_back(level);
  }
  std::sort(levels.begin(), levels.end());
  return levels;
}

// Up to `weights` codes of weights and `inputs` of activations; of two weight codes, levels that
// larger groups hold.
RawConv random_conv(std::mt19937* random, uint32_t weights, uint32_t inputs) {
  const int32_t widths[] = {1, 2, 3, 4, 5, 15, 16, 17, 31, 63, 64, 65, 96, 127, 130, 193, 200};
  RawConv conv;
  conv.shape = test::random_shape(random, widths[(*random)() % 17], widths[(*random)() % 17]);
  const int32_t offset = (*random)() % 2 ? 128 : 0;
  const bool binary = weights == 2;
  const int32_t high = (*random)() % 2 ? 9 : 15, limit = binary ? 2 : 5;
  const bool zero = !binary || (*random)() % 2;
  conv.map =
      test::level_map(random_levels(random, offset ? (binary ? -3 : -6) : 0, high, zero, inputs),
                      offset, (*random)() % 4 == 0);
  for (int32_t w : random_levels(random, -limit, limit, (*random)() % 2, weights)) {
    conv.levels.push_back(static_cast<int8_t>(w));
  }
  conv.bits =
      conv.levels.size() == 2 && (*random)() % 2 ? 1 : 2 + static_cast<int32_t>((*random)() % 2);
  conv.fill(random);
  set_bounds(&conv);
  return conv;
}

// Codes that a kernel takes.
struct Codes {
  uint32_t weights, inputs;
};
Codes codes_of(const ConvKernel& kernel) {
  const std::string name = kernel.name;
  if (name.find("binary1") != name.npos) return {2, 2};
  if (name.find("binary4") != name.npos) return {2, 16};
  if (name.find("binary") != name.npos) return {2, 4};
  if (name.find("ternary") != name.npos) return {3, 16};
  if (name.find("pairs") != name.npos) return {4, 10};
  return {4, 4};
}

TEST(ConvLut, EqualsThePlainSum) {
  for (const ConvKernel* kernel : test::family("lut")) {
    const Codes codes = codes_of(*kernel);
    int accepted = 0;
    for (uint32_t seed = 0; seed < 300; ++seed) {
      SCOPED_TRACE(std::string(kernel->name) + " seed " + std::to_string(seed));
      std::mt19937 random(seed);
      const RawConv conv = random_conv(&random, codes.weights, codes.inputs);
      if (!test::refusal(*kernel, conv).empty()) continue;
      ++accepted;
      ASSERT_EQ(test::run_raw(*kernel, conv, 1 + seed % 4), conv.expected());
    }
    EXPECT_GT(accepted, 150) << kernel->name;
  }
}

// One pixel, `lookups` lookups of `group` channels, all weights and inputs at their extremes.
// `middle`: with a third code on either side.
RawConv worst_case(int32_t group, int32_t lookups, int8_t weight, int32_t level,
                   bool middle = true) {
  RawConv conv;
  conv.shape.in_c = group * lookups;
  conv.shape.out_c = 70;
  conv.map = middle ? test::level_map({0, 1, level}, 0) : test::level_map({0, level}, 0);
  conv.levels = {static_cast<int8_t>(-weight), weight};
  if (middle) conv.levels.insert(conv.levels.begin() + 1, 0);
  std::mt19937 random(1);
  conv.fill(&random);
  const int32_t last = middle ? 2 : 1;
  std::fill(conv.input_codes.begin(), conv.input_codes.end(), last);
  for (size_t i = 0; i < conv.weight_codes.size(); ++i) {
    conv.weight_codes[i] = i / size_t(conv.shape.in_c) % 2 ? last : 0;
  }
  set_bounds(&conv);
  return conv;
}

bool is_binary(const ConvKernel& kernel) {
  return std::string(kernel.name).find("binary") != std::string::npos;
}

// Kernels that add lookups of `group` channels in bytes, run after run.
bool adds_in_runs(const ConvKernel& kernel, int32_t* group) {
  *group = kernel.isa == Isa::kAvx512Vbmi ? 3 : 2;
  const std::string name = kernel.name;
  if (is_binary(kernel)) {
    const bool wide = kernel.isa == Isa::kAvx512Vbmi;
    *group = wide && name.find("binary1") != name.npos   ? 6
             : wide && name.find("binary2") != name.npos ? 5
                                                         : 4;
  }
  return name.find("pairs") == name.npos;
}

TEST(ConvLut, FullBytesAreExact) {
  for (const ConvKernel* kernel : test::family("lut")) {
    SCOPED_TRACE(kernel->name);
    int32_t group = 0;
    if (!adds_in_runs(*kernel, &group) || is_binary(*kernel)) continue;
    // A lookup adds up to 51 (17 * 3 * 1) or 30 (5 * 2 * 3).
    RawConv conv = group == 3 ? worst_case(3, 40, 1, 17) : worst_case(2, 40, 3, 5);
    EXPECT_EQ(group == 3 ? conv.bounds.lut_flush3 : conv.bounds.lut_flush2, group == 3 ? 5 : 8);
    EXPECT_EQ(test::run_raw(*kernel, conv, 1), conv.expected());
  }
}

TEST(ConvLut, FullBytesOfTwoWeightCodesAreExact) {
  const int8_t weight = 3;
  for (const ConvKernel* kernel : test::family("lut")) {
    SCOPED_TRACE(kernel->name);
    int32_t group = 0;
    if (!adds_in_runs(*kernel, &group) || !is_binary(*kernel)) continue;
    const int32_t most = 255 / (group * weight);  // level of which one lookup fills a byte
    for (int32_t level : {1, most / 5, most / 2, most}) {
      for (int32_t lookups : {1, 40, 1500}) {
        RawConv conv = worst_case(group, lookups, weight, level, false);
        ASSERT_EQ(test::refusal(*kernel, conv), "");
        EXPECT_EQ(lut_binary_flush({conv.shape, conv.weights(conv.packed_codes()), &conv.map,
                                    nullptr, conv.bounds},
                                   group),
                  255 / (group * weight * level));
        ASSERT_EQ(test::run_raw(*kernel, conv, 1), conv.expected());
      }
    }
    EXPECT_NE(test::refusal(*kernel, worst_case(group, 4, weight, most + 1, false)), "");
    EXPECT_NE(test::refusal(*kernel, worst_case(group, 4, 1, 1)), "");
  }
}

TEST(ConvLut, FullPairsAreExact) {
  // Largest entries of 252: one lookup, two, four and 126 of them fill a byte.
  const struct {
    int8_t weight;
    int32_t level;
  } cases[] = {{3, 42}, {3, 21}, {1, 63}, {1, 31}, {1, 1}, {63, 2}};
  int tried = 0;
  for (const ConvKernel* kernel : test::family("lut")) {
    SCOPED_TRACE(kernel->name);
    int32_t group = 0;
    if (adds_in_runs(*kernel, &group)) continue;
    for (const auto& c : cases) {
      for (int32_t channels : {8, 13, 80, 600, 1496}) {
        RawConv conv = worst_case(1, channels, c.weight, c.level);
        ASSERT_EQ(test::refusal(*kernel, conv), "");
        EXPECT_EQ(test::run_raw(*kernel, conv, 1), conv.expected());
        ++tried;
      }
    }
    EXPECT_NE(test::refusal(*kernel, worst_case(1, 16, 3, 43)), "");
    EXPECT_NE(test::refusal(*kernel, worst_case(1, 16, 65, 1)), "");
  }
  EXPECT_TRUE(tried > 0 || !isa_available(Isa::kAvx512Vbmi));
}

TEST(ConvLut, SixteenBitSumsAreWidenedInTime) {
  for (const ConvKernel* kernel : test::family("lut")) {
    SCOPED_TRACE(kernel->name);
    // Every lookup fills its byte: 255 = 85 * 3 or 254 = 127 * 2; more runs than 16 bits can hold.
    int32_t group = 0;
    if (!adds_in_runs(*kernel, &group)) continue;
    if (is_binary(*kernel)) continue;  // above: 1500 lookups that fill a byte each
    RawConv conv = group == 3 ? worst_case(3, 1500, 85, 1) : worst_case(2, 1500, 127, 1);
    conv.map = test::level_map({0, 1}, 0);
    std::fill(conv.input_codes.begin(), conv.input_codes.end(), 1);
    set_bounds(&conv);
    ASSERT_EQ(group == 3 ? conv.bounds.lut_flush3 : conv.bounds.lut_flush2, 1);
    EXPECT_EQ(test::run_raw(*kernel, conv, 1), conv.expected());
  }
}

// What lookup `l` of channel `o` adds at most, by definition.
int32_t most_added(const RawConv& conv, int32_t group, int32_t o, int32_t l) {
  const ConvShape& s = conv.shape;
  int32_t filler = 127;
  for (int8_t level : conv.levels) filler = std::min(filler, std::abs(int32_t{level}));
  const int32_t per_tap = (s.in_c + group - 1) / group;
  int32_t sum = 0;
  for (int32_t i = 0; i < group; ++i) {
    const int32_t c = l % per_tap + i * per_tap;
    const int64_t k = o * conv.weights_per_channel() + l / per_tap * s.in_c + c;
    sum +=
        c < s.in_c ? std::abs(int32_t{conv.levels[size_t(conv.weight_codes[size_t(k)])]}) : filler;
  }
  return sum * (conv.map.max_level - conv.map.min_level);
}

int32_t lookups_of(const ConvShape& s, int32_t group) {
  return s.kernel_h * s.kernel_w * ((s.in_c + group - 1) / group);
}

// Every window of n lookups of every channel.
int32_t brute_force_flush(const RawConv& conv, int32_t group) {
  const int32_t lookups = lookups_of(conv.shape, group);
  for (int32_t n = LongestRun::kLongest; n > 0; --n) {
    bool exact = true;
    for (int32_t o = 0; o < conv.shape.out_c && exact; ++o) {
      for (int32_t first = 0; first < lookups && exact; ++first) {
        int32_t sum = 0;
        for (int32_t l = first; l < std::min(first + n, lookups); ++l)
          sum += most_added(conv, group, o, l);
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
    const RawConv conv = random_conv(&random, 4, 10);
    if (conv.shape.in_c * conv.shape.out_c > 2000) continue;
    ASSERT_EQ(conv.bounds.lut_flush3, brute_force_flush(conv, 3));
    ASSERT_EQ(conv.bounds.lut_flush2, brute_force_flush(conv, 2));
    different += conv.bounds.lut_flush3 != conv.bounds.lut_flush2;
  }
  EXPECT_GT(different, 50);
}

// The largest sum over `channels` of lookups [first, end).
int32_t largest_sum(const RawConv& conv, int32_t first_channel, int32_t channels, int32_t first,
                    int32_t end) {
  int32_t largest = 0;
  for (int32_t o = first_channel; o < first_channel + channels; ++o) {
    int32_t sum = 0;
    for (int32_t l = first; l < end; ++l) sum += most_added(conv, 3, o, l);
    largest = std::max(largest, sum);
  }
  return largest;
}

TEST(LutRuns, TakeAllThatFitsAndNoMore) {
  int full = 0;
  for (uint32_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const RawConv conv = random_conv(&random, 4, 4);
    if (conv.bounds.lut_flush3 < 1) continue;
    const LutForm form = lut_one_table(3, 64);
    const std::vector<uint8_t> codes = conv.packed_codes();
    const ConvProblem problem = {conv.shape, conv.weights(codes), &conv.map, nullptr, conv.bounds};
    const LutPacked offsets = lut_packed(conv.shape, form);
    const test::Buffer packed(offsets.bytes);
    lut_pack_weights(problem, form, packed.get());
    const int32_t segment = lut_layout(conv.shape, 3).segment;
    const int32_t lookups = lookups_of(conv.shape, 3);
    for (int32_t channel = 0; channel < conv.shape.out_c; channel += 128) {
      const int32_t channels = std::min(conv.shape.out_c - channel, 128);
      const uint8_t* run = packed.get() + offsets.runs + size_t(channel / 128) * offsets.block_runs;
      for (int32_t first = 0; first < lookups; first += *run++) {
        const int32_t end = first + *run;
        ASSERT_GT(*run, 0);
        ASSERT_LE(end, lookups);
        ASSERT_EQ(first / segment, (end - 1) / segment);
        ASSERT_LE(largest_sum(conv, channel, channels, first, end), 255);
        if (end % segment == 0 || *run == kLongestRun) continue;
        ASSERT_GT(largest_sum(conv, channel, channels, first, end + 1), 255);
        ++full;
      }
    }
  }
  EXPECT_GT(full, 1000);
}

TEST(LutFlush, RefusesWhatNoTableServes) {
  RawConv conv = worst_case(3, 4, 1, 3);
  const std::vector<uint8_t> codes = conv.packed_codes();
  ConvWeights weights = conv.weights(codes);
  EXPECT_GT(lut_flush(conv.shape, weights, conv.map, 3), 0);
  std::vector<int32_t> seventeen(17);
  std::iota(seventeen.begin(), seventeen.end(), 0);
  ConvShape grouped = conv.shape;
  grouped.groups = 2;
  EXPECT_EQ(lut_flush(grouped, weights, conv.map, 3), 0);
  EXPECT_EQ(lut_flush(conv.shape, weights, test::level_map(seventeen, 0), 3), 0);
  EXPECT_EQ(lut_flush(conv.shape, weights, test::level_map({0, 86}, 0), 3), 0);
  const int8_t five[] = {-2, -1, 0, 1, 2};
  weights.levels = five;
  weights.level_count = 5;
  EXPECT_EQ(lut_flush(conv.shape, weights, conv.map, 3), 0);
}

TEST(ConvLut, MissingChannelsNeedNoZeroLevelOutsidePairs) {
  RawConv conv = worst_case(3, 4, 1, 3, false);
  conv.shape.in_c = 7;
  conv.map = test::level_map({-1, 1}, 128);
  std::mt19937 random(1);
  conv.fill(&random);
  set_bounds(&conv);
  int32_t group = 0;
  for (const ConvKernel* kernel : test::family("lut")) {
    SCOPED_TRACE(kernel->name);
    if (adds_in_runs(*kernel, &group)) {
      ASSERT_EQ(test::refusal(*kernel, conv), "");
      EXPECT_EQ(test::run_raw(*kernel, conv, 1), conv.expected());
    } else {
      EXPECT_NE(test::refusal(*kernel, conv), "");
    }
  }
}

// A layer as the selection sees it; its codes do not matter.
double cost_of(const ConvKernel& kernel, const int32_t (&layer)[4], const RawConv& like,
               const ConvBounds& bounds) {
  ConvShape s;
  s.in_c = layer[0];
  s.out_c = layer[1];
  s.in_h = s.in_w = s.out_h = s.out_w = layer[2];
  s.kernel_h = s.kernel_w = layer[3];
  s.pad_top = s.pad_left = layer[3] / 2;
  const std::vector<uint8_t> codes = like.packed_codes();
  const ConvProblem problem = {s, like.weights(codes), &like.map, nullptr, bounds};
  return kernel.cost(problem);
}

bool same_width(const ConvKernel& a, const ConvKernel& b) {
  return (a.isa == Isa::kAvx2) == (b.isa == Isa::kAvx2);
}

// The estimates decide between families. Measured: two bits on both sides are ahead from flush 4 on
// (with AVX2, layers of 64 inputs are a tie), ternary weights from 5, pairs where many outputs
// share a table (with AVX2, where two of them fit a byte).
TEST(ConvLut, CostsLessThanDirectOnRealLayers) {
  const int32_t layers[][4] = {// in, out, size, kernel
                               {64, 64, 56, 3},   {256, 64, 56, 1},  {256, 128, 56, 1},
                               {128, 128, 28, 3}, {256, 256, 14, 3}, {512, 2048, 7, 1}};
  for (const ConvKernel* kernel : test::family("lut")) {
    const bool pairs = codes_of(*kernel).inputs == 10;
    const int32_t widest = kernel->isa == Isa::kAvx2 ? 21 : 42;
    const RawConv like = worst_case(3, 4, pairs ? 3 : 1, pairs ? widest : 3, !is_binary(*kernel));
    const ConvBounds bounds = {pairs ? 3 : 1, codes_of(*kernel).weights == 3 ? 5 : 4, 6, 1000};
    for (const ConvKernel* direct : test::family("direct")) {
      if (!same_width(*direct, *kernel)) continue;
      for (const auto& layer : layers) {
        if (pairs && layer[3] == 1 && layer[1] < 256) continue;
        EXPECT_LT(cost_of(*kernel, layer, like, bounds), cost_of(*direct, layer, like, bounds))
            << kernel->name << ' ' << layer[0] << '-' << layer[1] << ' ' << layer[3];
      }
    }
  }
}

}  // namespace
}  // namespace weq::kernels
