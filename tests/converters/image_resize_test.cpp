#include "converters/data/resize.h"

#include <gtest/gtest.h>

#include <algorithm>

#include <cmath>

#include "converters/data/npy.h"
#include "tests/support/random.h"

namespace weq::convert {
namespace {

const std::string kFixtures = WEQ_SOURCE_DIR "/tests/fixtures/images/";

Image random_image(int height, int width, int channels, uint64_t seed) {
  test::Random random(seed);
  Image image{height, width, channels, {}};
  for (int i = 0; i < height * width * channels; ++i) {
    image.pixels.push_back(static_cast<uint8_t>(random.in(0, 255)));
  }
  return image;
}

TEST(Resize, EqualsPillow) {
  const Image image = read_image(kFixtures + "rgb.png");
  for (const auto& [height, width] : {std::pair{8, 13}, std::pair{50, 80}, std::pair{21, 10},
                                      std::pair{40, 34}, std::pair{1, 1}}) {
    const std::string name = std::to_string(height) + "x" + std::to_string(width);
    SCOPED_TRACE(name);
    const NpyFile expected(kFixtures + "resized_" + name + ".npy");
    const Image resized = resize(image, height, width);
    ASSERT_EQ((Shape{resized.height, resized.width, resized.channels}), expected.shape());
    EXPECT_EQ(resized.pixels, expected.read_bytes(0, element_count(expected.shape())));
  }
}

// The definition in floating point: within one of the fixed-point result after two roundings.
TEST(Resize, IsATriangleFilter) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    test::Random random(seed);
    const int in = static_cast<int>(random.in(1, 40)), out = static_cast<int>(random.in(1, 40));
    const Image image = random_image(3, in, 1, seed);
    const Image resized = resize(image, 3, out);
    const double scale = static_cast<double>(in) / out, radius = std::max(scale, 1.0);
    for (int y = 0; y < 3; ++y) {
      for (int x = 0; x < out; ++x) {
        double sum = 0, weights = 0;
        for (int k = 0; k < in; ++k) {
          const double w = std::max(0.0, 1 - std::abs(k + 0.5 - (x + 0.5) * scale) / radius);
          sum += w * image.pixels[static_cast<size_t>(y * in + k)];
          weights += w;
        }
        EXPECT_NEAR(resized.pixels[static_cast<size_t>(y * out + x)], sum / weights, 0.51);
      }
    }
  }
}

TEST(Resize, KeepsAConstantPicture) {
  Image image{7, 9, 3, std::vector<uint8_t>(7 * 9 * 3, 201)};
  for (const uint8_t pixel : resize(image, 20, 4).pixels) EXPECT_EQ(pixel, 201);
}

TEST(Resize, ShorterSideRoundsTheLongerDown) {
  const Image wide = resize_shorter(random_image(30, 45, 3, 1), 20);
  EXPECT_EQ(wide.height, 20);
  EXPECT_EQ(wide.width, 30);
  const Image tall = resize_shorter(random_image(47, 31, 3, 1), 20);
  EXPECT_EQ(tall.width, 20);
  EXPECT_EQ(tall.height, 47 * 20 / 31);
  const Image square = resize_shorter(random_image(9, 9, 1, 1), 16);
  EXPECT_EQ(square.height, 16);
  EXPECT_EQ(square.width, 16);
}

TEST(Resize, CropTakesTheUpperLeftOfTwoCentres) {
  const Image image = random_image(9, 12, 3, 5);
  const Image crop = center_crop(image, 4);
  ASSERT_EQ(crop.pixels.size(), 4u * 4 * 3);
  for (int y = 0; y < 4; ++y) {
    for (int i = 0; i < 12; ++i) {
      EXPECT_EQ(crop.pixels[static_cast<size_t>(y * 12 + i)],
                image.pixels[static_cast<size_t>(((2 + y) * 12 + 4) * 3 + i)]);
    }
  }
}

}  // namespace
}  // namespace weq::convert
