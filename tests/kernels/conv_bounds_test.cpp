// Bounds against their definitions by brute force, and the borders where sums in 16 bits stop being
// exact.
#include "kernels/conv/bounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "kernels/conv/segments.h"
#include "tests/support/conv_cases.h"

namespace weq::kernels {
namespace {

using test::Random;

// Levels of channel `o` as quads: segments cut by hand, tails filled with zeros.
std::vector<int32_t> quads_of(const test::ConvCase& c, int32_t o) {
  const ConvShape& s = c.problem.shape;
  const bool whole_rows = s.groups == 1 && (s.dilation_w == 1 || s.kernel_w == 1);
  const int32_t length = s.in_c / s.groups * (whole_rows ? s.kernel_w : 1);
  const int32_t count = s.kernel_h * (whole_rows ? 1 : s.kernel_w);
  std::vector<int32_t> quads;
  for (int32_t segment = 0; segment < count; ++segment) {
    for (int32_t k = 0; k < (length + 3) / 4 * 4; ++k) {
      int32_t code = 0;
      if (k < length) {
        const size_t index = size_t(o) * size_t(count) * size_t(length) +
                             size_t(segment) * size_t(length) + size_t(k);
        for (int32_t b = 0; b < c.problem.weights.bits; ++b) {
          const size_t bit = index * size_t(c.problem.weights.bits) + size_t(b);
          code |= (c.codes[bit / 8] >> bit % 8 & 1) << b;
        }
      }
      quads.push_back(k < length ? c.weight_levels[size_t(code)] : 0);
    }
  }
  return quads;
}

// True when every run of `flush` quads stays within 16 bits for the largest bytes.
bool run_is_exact(const std::vector<int32_t>& quads, size_t flush, int64_t max_byte) {
  const size_t count = quads.size() / 4;
  for (size_t first = 0; first < count; ++first) {
    for (size_t lane = 0; lane < 2; ++lane) {
      int64_t positive = 0, negative = 0;
      for (size_t q = first; q < std::min(first + flush, count); ++q) {
        for (size_t i = 0; i < 2; ++i) {
          const int64_t w = quads[4 * q + 2 * lane + i];
          (w > 0 ? positive : negative) += w;
        }
      }
      if (positive * max_byte > 32767 || -negative * max_byte > 32767) return false;
    }
  }
  return true;
}

TEST(ConvBounds, FlushIsTheLargestExactRun) {
  int bounded = 0;
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    ConvShape shape;
    do {
      shape = test::random_conv_shape(random);
    } while (shape.in_c * shape.kernel_h * shape.kernel_w * shape.out_c / shape.groups > 20000);
    const auto c = test::random_conv_case(random, shape);
    const int32_t flush = sum16_flush(shape, c->problem.weights, c->input_map);
    if (!c->input_map.byte_is_level) {
      EXPECT_EQ(flush, 0);
      continue;
    }
    const int64_t max_byte = c->input_map.max_level + c->input_map.offset;
    bool longer_is_exact = true;
    for (int32_t o = 0; o < shape.out_c; ++o) {
      const std::vector<int32_t> quads = quads_of(*c, o);
      ASSERT_TRUE(run_is_exact(quads, size_t(flush), max_byte)) << "channel " << o;
      longer_is_exact = longer_is_exact && run_is_exact(quads, size_t(flush) + 1, max_byte);
    }
    if (flush == kMaxSum16Flush) continue;
    ++bounded;
    EXPECT_FALSE(longer_is_exact) << "flush " << flush << " could be longer";
  }
  EXPECT_GT(bounded, 20);
}

TEST(ConvBounds, LargestSumIsReachedByTheExtremes) {
  for (uint64_t seed = 200; seed <= 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    ConvShape shape;
    do {
      shape = test::random_conv_shape(random);
    } while (shape.in_c * shape.kernel_h * shape.kernel_w * shape.out_c / shape.groups > 20000);
    const auto c = test::random_conv_case(random, shape);
    std::vector<int64_t> found(size_t(shape.out_c));
    const int64_t all = max_abs_acc(shape, c->problem.weights, c->input_map, found.data());
    int32_t largest_weight = 0;
    for (int32_t o = 0; o < shape.out_c; ++o) {
      int64_t high = 0, low = 0;
      for (int32_t w : quads_of(*c, o)) {
        int64_t most = 0, least = 0;  // leaving the term out is a subset too
        for (int32_t k = 0; k < c->input_map.codes; ++k) {
          const int64_t product = int64_t{w} * c->input_map.level[c->input_map.byte_of_code[k]];
          most = std::max(most, product);
          least = std::min(least, product);
        }
        high += most;
        low += least;
        largest_weight = std::max(largest_weight, std::abs(w));
      }
      ASSERT_EQ(found[size_t(o)], std::max(high, -low)) << "channel " << o;
    }
    EXPECT_EQ(all, *std::max_element(found.begin(), found.end()));
    EXPECT_EQ(max_abs_weight(shape, c->problem.weights), largest_weight);
  }
}

int32_t level_at(const test::ConvCase& c, int32_t o, int32_t tap, int32_t channel) {
  const ConvShape& s = c.problem.shape;
  const size_t bits = size_t(c.problem.weights.bits);
  const int64_t all_taps = int64_t{s.kernel_h} * s.kernel_w;
  const size_t at = size_t((o * all_taps + tap) * (s.in_c / s.groups) + channel) * bits;
  int32_t code = 0;
  for (size_t b = 0; b < bits; ++b) code |= (c.codes[(at + b) / 8] >> (at + b) % 8 & 1) << b;
  return c.weight_levels[size_t(code)];
}

void raise(int32_t* to, int32_t v) { *to = std::max(*to, std::abs(v)); }

// By matrix products with the rows as they are written.
void raise_by_kernel(const int32_t (&w)[3][3], ConvBounds* most) {
  const int32_t g24[6][3] = {{6, 0, 0}, {-4, -4, -4}, {-4, 4, -4},
                             {1, 2, 4}, {1, -2, 4},   {0, 0, 24}};
  const auto product = [&w](const int32_t(&y)[3], const int32_t(&x)[3]) {
    int32_t sum = 0;
    for (int32_t t = 0; t < 9; ++t) sum += y[t / 3] * x[t % 3] * w[t / 3][t % 3];
    return sum;
  };
  for (int32_t k = 0; k < 3; ++k) {
    for (int32_t sign : {1, -1}) {
      raise(&most->winograd_line, w[k][0] + sign * w[k][1] + w[k][2]);
      raise(&most->winograd_line, w[0][k] + sign * w[1][k] + w[2][k]);
    }
  }
  for (int32_t p : {1, -1}) {
    for (int32_t q : {1, -1}) raise(&most->winograd_centre, product({1, p, 1}, {1, q, 1}));
  }
  for (const auto& y : g24) {
    for (const auto& x : g24) raise(&most->winograd4, product(y, x));
  }
}

ConvBounds winograd_by_hand(const test::ConvCase& c) {
  const ConvShape& s = c.problem.shape;
  const int32_t size = s.kernel_h;
  ConvBounds most;
  for (int32_t o = 0; o < s.out_c; ++o) {
    for (int32_t channel = 0; channel < s.in_c / s.groups; ++channel) {
      // Of a 5x5 kernel the parts begin at taps -1 and 2; there is no tap -1.
      for (int32_t y = size == 5 ? -1 : 0; y < size; y += 3) {
        for (int32_t x = size == 5 ? -1 : 0; x < size; x += 3) {
          int32_t w[3][3] = {};
          for (int32_t t = 0; t < 9; ++t) {
            const int32_t row = y + t / 3, col = x + t % 3;
            // Taps 0 and 1 come before the line without taps.
            const int32_t to_row = y < 0 ? (t / 3 + 2) % 3 : t / 3;
            const int32_t to_col = x < 0 ? (t % 3 + 2) % 3 : t % 3;
            if (row >= 0 && col >= 0) w[to_row][to_col] = level_at(c, o, row * size + col, channel);
          }
          raise_by_kernel(w, &most);
        }
      }
    }
  }
  if (size == 5) most.winograd4 = 0;
  return most;
}

void expect_no_winograd(const ConvBounds& bounds) {
  EXPECT_EQ(bounds.winograd_line, 0);
  EXPECT_EQ(bounds.winograd_centre, 0);
  EXPECT_EQ(bounds.winograd4, 0);
}

TEST(ConvBounds, WinogradRangesAreTheLargestTransformedWeights) {
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    ConvShape shape;
    shape.in_h = shape.in_w = 5;
    shape.kernel_h = shape.kernel_w = random.of<int32_t>({3, 3, 5});
    shape.groups = random.of<int32_t>({1, 1, 2});
    shape.in_c = shape.groups == 1 ? test::random_channels(random) : 2 * random.int32(32, 140);
    shape.out_c = shape.groups * random.int32(1, 9);
    const auto c = test::random_conv_case(random, shape);
    const ConvBounds& found = c->problem.bounds;
    const ConvBounds expected = winograd_by_hand(*c);
    EXPECT_EQ(found.winograd_line, expected.winograd_line);
    EXPECT_EQ(found.winograd_centre, expected.winograd_centre);
    EXPECT_EQ(found.winograd4, expected.winograd4);
    ConvShape strided = shape;
    strided.stride_w = 2;
    const ConvBounds none = compute_bounds(strided, c->problem.weights, c->input_map);
    expect_no_winograd(none);
    ConvShape grouped = shape;
    grouped.in_c = 31 * shape.groups + 31;  // too few inputs of each
    grouped.groups = shape.groups + 1;
    grouped.out_c = grouped.groups;
    if (grouped.in_c * grouped.out_c / grouped.groups <= shape.in_c * shape.out_c / shape.groups)
      expect_no_winograd(compute_bounds(grouped, c->problem.weights, c->input_map));
  }
}

// A matrix-vector product of one weight level and the largest byte: F * 2 products of a lane just
// fit 16 bits, (F + 1) * 2 do not. A kernel that summed longer would saturate or wrap.
TEST(ConvBounds, KernelsStayExactAtTheBorder) {
  const int32_t cases[][2] = {{255, 127}, {255, 64}, {255, 65}, {255, 32}, {255, 16}, {255, 13},
                              {63, 127},  {63, 56},  {63, 14},  {15, 7},   {3, 1},    {255, 1}};
  for (const auto& [byte, weight] : cases) {
    for (int32_t sign : {1, -1}) {
      ConvShape shape;
      shape.in_c = 1000;
      shape.out_c = 33;
      test::ConvCase c;
      c.problem.shape = shape;
      c.outputs = size_t(shape.out_c);
      c.input_map = test::make_level_map({0, byte}, true, 0);
      c.weight_levels = {static_cast<int8_t>(sign * weight), 0};
      std::sort(c.weight_levels.begin(), c.weight_levels.end());
      const uint8_t used = c.weight_levels[0] == 0 ? 0xff : 0;  // all weights the nonzero level
      c.codes = test::GuardBuffer<uint8_t>(size_t(shape.in_c) * size_t(shape.out_c) / 8);
      std::fill(c.codes.begin(), c.codes.end(), used);
      c.input = test::GuardBuffer<uint8_t>(size_t(shape.in_c));
      std::fill(c.input.begin(), c.input.end(), static_cast<uint8_t>(byte));
      c.problem.weights = {c.codes.data(), 1, c.weight_levels.data(), 2};
      c.problem.input = &c.input_map;
      c.problem.bounds = compute_bounds(shape, c.problem.weights, c.input_map);
      EXPECT_EQ(c.problem.bounds.sum16_flush,
                std::min(kMaxSum16Flush, 32767 / (2 * byte * weight)));
      c.multiplier = test::GuardBuffer<int32_t>(64);
      c.addend = test::GuardBuffer<int32_t>(64);
      std::fill(c.multiplier.begin(), c.multiplier.end(), 1);
      std::fill(c.addend.begin(), c.addend.end(), 0);
      c.epilogue.multiplier = c.multiplier.data();
      c.epilogue.addend = c.addend.data();
      Random random(9);
      for (int k = 0; k < kConvKernelCount; ++k) {
        const ConvKernel& kernel = *kConvKernels[k];
        if (!isa_available(kernel.isa) || kernel.refuse(c.problem) != nullptr) continue;
        const auto result = test::run_conv(kernel, c, select_requantize(kernel.isa), 2, random);
        for (int32_t unit : result.units) {
          ASSERT_EQ(unit, sign * weight * byte * shape.in_c) << kernel.name << " byte " << byte;
        }
      }
    }
  }
}

}  // namespace
}  // namespace weq::kernels
