// Winograd kernels against the reference on shapes and ranges that they take, up to the very
// bounds.
#include <gtest/gtest.h>

#include <map>

#include "kernels/conv/bounds.h"
#include "tests/support/conv_family.h"

namespace weq::kernels {
namespace {

using test::Random;

ConvShape random_square_shape(Random& random) {
  ConvShape s;
  s.kernel_h = s.kernel_w = random.chance(0.3) ? 5 : 3;
  do {
    s.batch = random.of<int32_t>({1, 1, 2, 3});
    s.groups = random.of<int32_t>({1, 1, 1, 2, 3});
    if (s.groups == 1) {
      s.in_c = random.chance(0.1) ? 300 : test::random_channels(random);
      s.out_c = test::random_channels(random);
    } else {
      s.in_c = s.groups * random.of<int32_t>({32, 33, 48, 64, 96, 130});
      s.out_c = s.groups * random.of<int32_t>({1, 16, 20, 33, 48, 64});
    }
    s.in_h = random.int32(1, 13);
    s.in_w = random.int32(1, 40);
    const int32_t most_pad = s.kernel_h - 1;
    s.pad_top = random.int32(0, most_pad);
    s.pad_left = random.int32(0, most_pad);
    s.stride_h = s.stride_w = s.kernel_h == 5 ? 1 : random.int32(1, 2);
    const int32_t rows = s.in_h + s.pad_top + random.int32(0, most_pad) - s.kernel_h;
    const int32_t cols = s.in_w + s.pad_left + random.int32(0, most_pad) - s.kernel_w;
    s.out_h = rows < 0 ? 0 : rows / s.stride_h + 1;
    s.out_w = cols < 0 ? 0 : cols / s.stride_w + 1;
  } while (s.out_h < 1 || s.out_w < 1 || s.macs() > 4000000);
  return s;
}

TEST(ConvWinograd, EqualsTheReference) {
  std::map<std::string, int> accepted, grouped;
  for (uint64_t seed = 1; seed <= 1100; ++seed) {
    Random random(seed);
    const auto c = test::random_conv_case(random, random_square_shape(random));
    SCOPED_TRACE(testing::Message() << "seed " << seed << ": " << c->describe());
    std::vector<std::string> ran;
    ASSERT_NO_FATAL_FAILURE(
        test::expect_family_equals("winograd", *c, 4, {0, 0, 3, 64}, random, &ran));
    for (const std::string& name : ran) {
      ++accepted[name];
      grouped[name] += c->problem.shape.groups > 1;
    }
  }
  for (const ConvKernel* kernel : test::family("winograd")) {
    EXPECT_GE(accepted[kernel->name], 100) << kernel->name;
    EXPECT_GE(grouped[kernel->name], 25) << kernel->name;
  }
}

// Kernels of one magnitude under the signs that make a transformed weight largest; of a 5x5 kernel
// the last 3x3 taps count.
void fill_with_extremes(std::mt19937* random, test::RawConv* conv) {
  conv->fill(random);
  const auto codes = static_cast<int32_t>(conv->levels.size());
  const int32_t in_c = conv->shape.in_c, size = conv->shape.kernel_h;
  for (int32_t o = 0; o < conv->shape.out_c; ++o) {
    for (int32_t c = 0; c < in_c; ++c) {
      const int32_t signs = o % 8;  // the same for all channels: sums are largest too
      for (int32_t tap = 0; tap < size * size; ++tap) {
        const int32_t row = tap / size + 3 - size, col = tap % size + 3 - size;
        const bool minus = (signs & 1) != (((signs & 2) && row == 1) != ((signs & 4) && col == 1));
        const bool larger = row >= 0 && col >= 0 && 3 * row + col == c % 9;
        const int32_t code = larger ? 0 : 1;
        conv->weight_codes[size_t((o * size * size + tap) * in_c + c)] =
            minus ? code : codes - 1 - code;
      }
    }
  }
}

struct Border {
  std::vector<int32_t> levels;
  int32_t offset;
  std::vector<int8_t> weights;  // -large, -small, small, large
  int32_t line, centre;
  int32_t stride;
  int32_t kernel = 3;
};

// All that a byte and a kernel may hold: 8 * 14 + 15 = 127, 8 * 28 + 30 = 254, 3 * 42 + 1 = 127;
// with stride 2 four weights of 31.
TEST(ConvWinograd, IsExactAtTheBounds) {
  const std::vector<Border> borders = {
      {{0, 63}, 0, {-15, -14, 14, 15}, 43, 127, 1},
      {{-31, 32}, 128, {-15, -14, 14, 15}, 43, 127, 1},
      {{-63, 0}, 63, {-15, -14, 14, 15}, 43, 127, 1},
      {{150, 213}, 0, {-15, -14, 14, 15}, 43, 127, 1},
      {{0, 63}, 0, {-30, -28, 28, 30}, 86, 254, 1},
      {{-128, -65}, 128, {-30, -28, 28, 30}, 86, 254, 1},
      {{0, 127}, 0, {-43, -42, 42, 43}, 127, 379, 1},
      {{-64, 63}, 64, {-43, -42, 42, 43}, 127, 379, 1},
      {{128, 255}, 0, {-43, -42, 42, 43}, 127, 379, 1},
      // On both sides of what allows outer weights to be doubled.
      {{0, 63}, 0, {-31, -12, 12, 31}, 55, 127, 1},
      {{0, 63}, 0, {-31, -16, 16, 31}, 63, 159, 1},
      {{0, 63}, 0, {-40, -10, 10, 40}, 60, 120, 1},
      {{-63, 0}, 100, {-127, 0, 0, 127}, 127, 127, 1},
      {{0, 127}, 0, {-65, -31, 31, 65}, 127, 313, 1},
      {{0, 63}, 0, {-31, -30, 30, 31}, 0, 0, 2},
      {{-32, 31}, 100, {-31, -30, 30, 31}, 0, 0, 2},
      {{192, 255}, 0, {-31, -31, 31, 31}, 0, 0, 2},
      {{-63, 0}, 200, {-31, -31, 31, 31}, 0, 0, 2},
      {{0, 63}, 0, {-15, -14, 14, 15}, 43, 127, 1, 5},
      {{-31, 32}, 128, {-15, -14, 14, 15}, 43, 127, 1, 5},
      {{-63, 0}, 63, {-15, -14, 14, 15}, 43, 127, 1, 5},
      {{150, 213}, 0, {-15, -14, 14, 15}, 43, 127, 1, 5},
      {{0, 63}, 0, {-40, -10, 10, 40}, 60, 120, 1, 5},
  };
  std::map<std::string, int> accepted;
  uint32_t seed = 0;
  for (const Border& border : borders) {
    SCOPED_TRACE(testing::Message() << "levels " << border.levels[0] << " to " << border.levels[1]
                                    << " weights to " << int{border.weights[3]});
    std::mt19937 random(++seed);
    test::RawConv conv;
    conv.shape.kernel_h = conv.shape.kernel_w = border.kernel;
    conv.shape.in_h = conv.shape.in_w = 14 + border.kernel;
    conv.shape.stride_h = conv.shape.stride_w = border.stride;
    conv.shape.out_h = conv.shape.out_w = 16 / border.stride + 1;
    conv.shape.pad_top = conv.shape.pad_left = 1;
    conv.shape.in_c = 72;
    conv.shape.out_c = 40;
    conv.map = test::level_map(border.levels, border.offset);
    conv.levels = border.weights;
    conv.bits = 2;
    fill_with_extremes(&random, &conv);
    const std::vector<uint8_t> codes = conv.packed_codes();
    conv.bounds = compute_bounds(conv.shape, conv.weights(codes), conv.map);
    EXPECT_EQ(conv.bounds.winograd_line, border.line);
    EXPECT_EQ(conv.bounds.winograd_centre, border.centre);
    for (const ConvKernel* kernel : test::family("winograd")) {
      if (!test::refusal(*kernel, conv).empty()) continue;
      ++accepted[kernel->name];
      ASSERT_EQ(test::run_raw(*kernel, conv, 2), conv.expected()) << kernel->name;
    }
  }
  for (const ConvKernel* kernel : test::family("winograd"))
    EXPECT_GE(accepted[kernel->name], 3) << kernel->name;
}

TEST(ConvWinograd, RefusesWhatIsBeyondTheBounds) {
  for (const ConvKernel* kernel : test::family("winograd")) {
    SCOPED_TRACE(kernel->name);
    const bool strided = std::string(kernel->name).find("strided") != std::string::npos;
    test::RawConv conv;
    const int32_t size = std::string(kernel->name).find("winograd5") == 0 ? 5 : 3;
    conv.shape.kernel_h = conv.shape.kernel_w = size;
    conv.shape.stride_h = conv.shape.stride_w = strided ? 2 : 1;
    conv.shape.in_h = conv.shape.in_w = size;
    const auto refused = [&](int32_t channels, const std::vector<int32_t>& levels, int32_t weight) {
      conv.shape.in_c = channels;
      conv.weight_codes.assign(size_t(conv.shape.kernel_h * size * channels), 1);
      conv.map = test::level_map(levels, 0);
      conv.levels = {0, static_cast<int8_t>(weight)};
      const std::vector<uint8_t> codes = conv.packed_codes();
      conv.bounds = compute_bounds(conv.shape, conv.weights(codes), conv.map);
      return test::refusal(*kernel, conv) != "";
    };
    EXPECT_FALSE(refused(8, {0, 63}, 14));
    // F(4x4) in words takes all bytes and weights.
    const bool bytes = std::string(kernel->name).find("winograd4") == std::string::npos;
    EXPECT_EQ(refused(8, {0, 128}, 14), bytes);
    EXPECT_EQ(refused(8, {0, 63}, 43), bytes);
    EXPECT_EQ(refused(8, {0, 63}, -128), bytes);
    EXPECT_EQ(refused(1 << 18, {0, 63}, 14), !strided);  // 4 acc would leave 32 bits
    conv.shape.dilation_w = 2;
    EXPECT_TRUE(refused(8, {0, 63}, 1));
    conv.shape.dilation_w = 1;
    conv.shape.groups = conv.shape.out_c = 2;
    EXPECT_FALSE(refused(64, {0, 63}, 1));
    EXPECT_TRUE(refused(62, {0, 63}, 1));  // too few inputs of a group
    conv.shape.groups = conv.shape.out_c = 1;
    conv.shape.stride_h = 3;
    EXPECT_TRUE(refused(8, {0, 63}, 1));
    conv.shape.stride_h = conv.shape.stride_w;
    conv.shape.kernel_h = 8 - size;
    EXPECT_TRUE(refused(8, {0, 63}, 1));
  }
}

}  // namespace
}  // namespace weq::kernels
