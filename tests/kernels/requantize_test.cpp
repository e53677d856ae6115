// Every requantize kernel against the definition, on thresholds of every form and the values where
// a form can go wrong.
#include "kernels/requantize/requantize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/guard_buffer.h"
#include "tests/support/level_maps.h"

namespace weq::kernels {
namespace {

using test::GuardBuffer;
using test::Random;

constexpr int64_t kLowest = INT32_MIN, kHighest = INT32_MAX;

int32_t clamp32(int64_t v) {
  return static_cast<int32_t>(std::min(kHighest, std::max(kLowest, v)));
}

// The smallest int32 whose single-precision value reaches g > 0.
int32_t smallest_reaching(int64_t g) {
  int64_t low = 0, high = kHighest;
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    if (double(float(middle)) >= double(g)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return static_cast<int32_t>(low);
}

// `count` ascending grid points with `bits` mantissa bits inside 128 cells.
std::vector<int32_t> grid_thresholds(Random& random, int32_t count, int32_t bits) {
  const int32_t octaves = 127 >> bits;
  const int32_t e0 = random.int32(0, 30 - bits - octaves > 0 ? 30 - bits - octaves : 0);
  std::vector<int32_t> cells;
  while (static_cast<int32_t>(cells.size()) < count) cells.push_back(random.int32(0, 126));
  std::sort(cells.begin(), cells.end());
  std::vector<int32_t> values;
  for (int32_t cell : cells) {
    const int32_t e = e0 + (cell >> bits);
    const int64_t mantissa = (1 << bits) + (cell & ((1 << bits) - 1));
    if (e + bits > 30) break;
    values.push_back(smallest_reaching(mantissa << e));
  }
  return values;
}

struct Case {
  std::vector<int32_t> values;
  int64_t bound = int64_t{1} << 31;
};

Case random_case(Random& random, ThresholdForm form) {
  Case c;
  if (form == ThresholdForm::kLinear) {
    const int32_t shift = random.int32(0, 20), count = random.int32(0, 255);
    const int32_t always = random.chance(0.3) ? random.int32(0, count) : 0;
    const int32_t never = random.chance(0.3) ? random.int32(0, count - always) : 0;
    const int64_t start = random.in(-(int64_t{1} << 28), int64_t{1} << 28);
    for (int32_t k = 0; k < count; ++k) {
      c.values.push_back(k < always           ? INT32_MIN
                         : k >= count - never ? INT32_MAX
                                              : clamp32(start + (int64_t{k} << shift)));
    }
    c.bound = random.in(int64_t{1} << 20, int64_t{1} << 29);
  } else if (form == ThresholdForm::kGrid) {
    c.values = grid_thresholds(random, random.int32(2, 60), random.int32(3, 5));
  } else if (form == ThresholdForm::kSignedGrid) {
    const int32_t bits = random.int32(3, 5);
    const std::vector<int32_t> negative = grid_thresholds(random, random.int32(2, 40), bits);
    for (auto it = negative.rbegin(); it != negative.rend(); ++it) c.values.push_back(1 - *it);
    if (random.chance(0.8)) {
      const std::vector<int32_t> positive = grid_thresholds(random, random.int32(1, 60), bits);
      c.values.insert(c.values.end(), positive.begin(), positive.end());
    }
  } else {
    const int32_t count = random.of<int32_t>({3, 7, 14, 15, 16, 17, 31, 100, 254, 255});
    for (int32_t k = 0; k < count; ++k) c.values.push_back(random.int32(kLowest, kHighest));
    if (random.chance(0.3)) c.values[0] = INT32_MIN;
    if (random.chance(0.3)) c.values[size_t(count) - 1] = INT32_MAX;
    if (count > 3 && random.chance(0.3)) c.values[2] = c.values[1];
    std::sort(c.values.begin(), c.values.end());
  }
  return c;
}

// Values around every threshold, the ends of the range, and random ones; all within the bound.
std::vector<int32_t> adversarial(Random& random, const Case& c) {
  const int64_t low = std::max(-c.bound, kLowest), high = std::min(c.bound, kHighest);
  std::vector<int64_t> candidates = {low, low + 1, high, high - 1, 0, 1, -1, 2, -2};
  for (int32_t t : c.values) {
    for (int64_t d = -2; d <= 2; ++d) {
      candidates.push_back(t + d);
      candidates.push_back(d - t);
    }
  }
  for (int i = 0; i < 200; ++i) {
    const int32_t bits = random.int32(1, 31);
    candidates.push_back(random.in(-(int64_t{1} << bits), int64_t{1} << bits));
  }
  std::vector<int32_t> values;
  for (int64_t v : candidates) {
    if (v >= low && v <= high) values.push_back(static_cast<int32_t>(v));
  }
  return values;
}

LevelMap map_for(Random& random, size_t count) {
  const int32_t codes = static_cast<int32_t>(count) + 1;
  if (random.chance(0.3)) {  // code bytes; otherwise level bytes with an offset
    std::vector<int32_t> levels;
    for (int32_t k = 0; k < codes; ++k) levels.push_back(3 * k);
    return test::make_level_map(levels, false, 0);
  }
  const int32_t low = -random.int32(0, 255);
  return test::make_level_map(test::random_levels(random, codes, low, low + 255), true, -low);
}

uint8_t expected_byte(const std::vector<int32_t>& thresholds, const LevelMap& map, int64_t v) {
  const auto code = std::count_if(thresholds.begin(), thresholds.end(),
                                  [&](int32_t t) { return v >= int64_t{t}; });
  return map.byte_of_code[code];
}

class EachForm : public testing::TestWithParam<ThresholdForm> {};

TEST_P(EachForm, EveryKernelCountsThresholds) {
  const uint64_t seed = 20 + uint64_t(GetParam());
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  Random random(seed);
  int as_wanted = 0;
  for (int round = 0; round < 150; ++round) {
    const Case c = random_case(random, GetParam());
    const LevelMap map = map_for(random, c.values.size());
    Epilogue e;
    e.outputs = 1;
    prepare_thresholds(c.values.data(), int32_t(c.values.size()), map, c.bound, &e.output[0]);
    as_wanted += e.output[0].form == GetParam();
    const std::vector<int32_t> v = adversarial(random, c);
    const int32_t channels = random.int32(1, 130);
    const int32_t rows = (int32_t(v.size()) + channels - 1) / channels;
    GuardBuffer<int32_t> acc(size_t(rows) * size_t(channels));
    for (size_t i = 0; i < acc.size(); ++i) acc[i] = v[i % v.size()];
    GuardBuffer<int32_t> one(round_up(size_t(channels), kChannelPad)), zero(one.size());
    std::fill(one.begin(), one.end(), 1);
    std::fill(zero.begin(), zero.end(), 0);
    e.multiplier = one.data();
    e.addend = zero.data();
    for (int k = 0; k < kRequantizeKernelCount; ++k) {
      const RequantizeKernel& kernel = *kRequantizeKernels[k];
      if (!isa_available(kernel.isa)) continue;
      GuardBuffer<uint8_t> out(acc.size());
      EpilogueTarget target;
      target.bytes[0] = out.data();
      target.stride = channels;
      kernel.run(e, acc.data(), channels, rows, 0, channels, target);
      ASSERT_TRUE(out.intact()) << kernel.name;
      for (size_t i = 0; i < acc.size(); ++i) {
        ASSERT_EQ(int(out[i]), int(expected_byte(c.values, map, acc[i])))
            << kernel.name << " round " << round << " form " << int(e.output[0].form) << " v "
            << acc[i] << " count " << c.values.size() << " bound " << c.bound;
      }
    }
  }
  EXPECT_GT(as_wanted, 75) << "the form is hardly ever derived";
}

std::string form_name(const testing::TestParamInfo<ThresholdForm>& info) {
  const char* const names[] = {"Linear", "Grid", "SignedGrid", "Search"};
  return names[int(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Forms, EachForm,
                         testing::Values(ThresholdForm::kLinear, ThresholdForm::kGrid,
                                         ThresholdForm::kSignedGrid, ThresholdForm::kSearch),
                         form_name);

// The whole contract in 64-bit arithmetic: scale, residual, one or two outputs or raw units, tiles
// inside wider rows, channel offsets.
TEST(RequantizeTest, WholeContractOnTiles) {
  const uint64_t seed = 7;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  Random random(seed);
  for (int round = 0; round < 400; ++round) {
    const int32_t channels = random.int32(1, 130), rows = random.int32(1, 9);
    const int32_t channel0 = random.int32(0, 40);
    const int32_t stride = channels + random.int32(0, 20),
                  acc_stride = channels + random.int32(0, 9);
    const size_t padded = round_up(size_t(channel0 + channels), kChannelPad);
    GuardBuffer<int32_t> m(padded), c(padded), acc(size_t(rows) * size_t(acc_stride));
    for (auto& x : m) x = random.int32(-4000, 4000);
    for (auto& x : c) x = random.int32(-1000000, 1000000);
    for (auto& x : acc) x = random.int32(-200000, 200000);
    Epilogue e;
    e.pre_shift = random.of<int32_t>({0, 0, 1, 3, 7});
    e.multiplier = m.data();
    e.addend = c.data();
    e.outputs = random.int32(0, 2);
    const LevelMap residual_map = test::random_level_map(random);
    if (random.chance(0.6)) {
      e.residual_factor = random.int32(-3000, 3000);
      e.residual_map = &residual_map;
    }
    const int64_t bound = (int64_t{1} << 31) - 1;
    std::vector<int32_t> thresholds[2];
    LevelMap maps[2];
    for (int i = 0; i < e.outputs; ++i) {
      thresholds[i] = random_case(random, ThresholdForm(random.int32(0, 3))).values;
      maps[i] = map_for(random, thresholds[i].size());
      prepare_thresholds(thresholds[i].data(), int32_t(thresholds[i].size()), maps[i], bound,
                         &e.output[i]);
    }
    const int32_t residual_stride = channels + random.int32(0, 5);
    GuardBuffer<uint8_t> residual(size_t(rows) * size_t(residual_stride));
    for (auto& x : residual) x = residual_map.byte_of_code[random.in(0, residual_map.codes - 1)];

    for (int k = 0; k < kRequantizeKernelCount; ++k) {
      const RequantizeKernel& kernel = *kRequantizeKernels[k];
      if (!isa_available(kernel.isa)) continue;
      SCOPED_TRACE(testing::Message() << kernel.name << " round " << round);
      const size_t out_size = size_t(rows - 1) * size_t(stride) + size_t(channels);
      GuardBuffer<uint8_t> bytes[2] = {GuardBuffer<uint8_t>(out_size),
                                       GuardBuffer<uint8_t>(out_size)};
      GuardBuffer<int32_t> units(out_size);
      const uint8_t untouched = 0x5a;
      for (auto& b : bytes) std::fill(b.begin(), b.end(), untouched);
      std::fill(units.begin(), units.end(), 12345);
      EpilogueTarget target;
      target.residual = e.residual_factor != 0 ? residual.data() : nullptr;
      target.residual_stride = residual_stride;
      target.bytes[0] = bytes[0].data();
      target.bytes[1] = bytes[1].data();
      target.units = units.data();
      target.stride = stride;
      kernel.run(e, acc.data(), acc_stride, rows, channel0, channels, target);
      for (int32_t r = 0; r < rows; ++r) {
        for (int32_t ch = 0; ch < stride && size_t(r * stride + ch) < out_size; ++ch) {
          const size_t at = size_t(r * stride + ch);
          if (ch >= channels) {
            ASSERT_EQ(int(bytes[0][at]), int(untouched));
            ASSERT_EQ(units[at], 12345);
            continue;
          }
          int64_t a = acc[size_t(r * acc_stride + ch)];
          if (e.pre_shift > 0) {
            a = int64_t(std::floor(double(a + (int64_t{1} << (e.pre_shift - 1))) /
                                   double(int64_t{1} << e.pre_shift)));
          }
          int64_t v = a * m[size_t(channel0 + ch)] + c[size_t(channel0 + ch)];
          if (e.residual_factor != 0) {
            v += int64_t{e.residual_factor} *
                 residual_map.level[residual[size_t(r * residual_stride + ch)]];
          }
          ASSERT_LE(std::abs(v), bound);
          if (e.outputs == 0) {
            ASSERT_EQ(units[at], v);
          }
          for (int i = 0; i < e.outputs; ++i) {
            ASSERT_EQ(int(bytes[i][at]), int(expected_byte(thresholds[i], maps[i], v)))
                << "output " << i << " form " << int(e.output[i].form) << " v " << v;
          }
        }
      }
      ASSERT_TRUE(bytes[0].intact() && bytes[1].intact() && units.intact());
    }
  }
}

TEST(RequantizeTest, DeadThresholdsAreLinearToo) {
  const LevelMap map = test::make_level_map({0, 1, 2, 3}, true, 0);
  const std::vector<int32_t> all_passed(3, INT32_MIN), none_passed(3, INT32_MAX);
  Thresholds t;
  prepare_thresholds(all_passed.data(), 3, map, 1 << 20, &t);
  EXPECT_EQ(t.form, ThresholdForm::kLinear);
  EXPECT_EQ(t.low, 3);
  EXPECT_EQ(t.high, 3);
  prepare_thresholds(none_passed.data(), 3, map, 1 << 20, &t);
  EXPECT_EQ(t.form, ThresholdForm::kLinear);
  EXPECT_EQ(t.high, 0);
}

TEST(RequantizeTest, SelectionKeepsTheCap) {
  EXPECT_STREQ(select_requantize(Isa::kScalar).name, "requantize_reference");
  EXPECT_LE(int(select_requantize(Isa::kAvx2).isa), int(Isa::kAvx2));
}

}  // namespace
}  // namespace weq::kernels
