#include "converters/data/resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace weq::convert {
namespace {

constexpr int kCoefficientBits = 22;  // 32 less 8 of the pixel less 2 of headroom

// Which inputs an output position sums, and with what weight.
struct Window {
  int first = 0;
  std::vector<int32_t> weights;
};

std::vector<Window> filter_windows(int in, int out) {
  const double scale = static_cast<double>(in) / out;
  const double radius = std::max(scale, 1.0);
  std::vector<Window> windows(static_cast<size_t>(out));
  std::vector<double> triangle;
  for (int i = 0; i < out; ++i) {
    const double center = (i + 0.5) * scale;
    const int first = std::max(static_cast<int>(center - radius + 0.5), 0);
    const int last = std::min(static_cast<int>(center + radius + 0.5), in);
    triangle.clear();
    double sum = 0;
    for (int x = first; x < last; ++x) {
      const double distance = std::abs((x - center + 0.5) / radius);
      triangle.push_back(std::max(1.0 - distance, 0.0));
      sum += triangle.back();
    }
    Window& window = windows[static_cast<size_t>(i)];
    window.first = first;
    for (const double weight : triangle) {
      window.weights.push_back(
          static_cast<int32_t>(0.5 + weight / sum * static_cast<double>(1 << kCoefficientBits)));
    }
  }
  return windows;
}

uint8_t weighted_sum(const Window& window, const uint8_t* first, size_t stride) {
  int32_t sum = 1 << (kCoefficientBits - 1);
  for (size_t k = 0; k < window.weights.size(); ++k) sum += window.weights[k] * first[k * stride];
  return static_cast<uint8_t>(std::clamp(sum >> kCoefficientBits, 0, 255));
}

Image resize_width(const Image& image, int width) {
  const std::vector<Window> windows = filter_windows(image.width, width);
  const auto channels = static_cast<size_t>(image.channels);
  Image out{image.height, width, image.channels, {}};
  out.pixels.resize(static_cast<size_t>(out.height) * static_cast<size_t>(width) * channels);
  uint8_t* to = out.pixels.data();
  for (int y = 0; y < image.height; ++y) {
    const uint8_t* row =
        image.pixels.data() + static_cast<size_t>(y) * static_cast<size_t>(image.width) * channels;
    for (const Window& window : windows) {
      for (size_t c = 0; c < channels; ++c) {
        *to++ =
            weighted_sum(window, row + static_cast<size_t>(window.first) * channels + c, channels);
      }
    }
  }
  return out;
}

Image resize_height(const Image& image, int height) {
  const std::vector<Window> windows = filter_windows(image.height, height);
  const size_t row = static_cast<size_t>(image.width) * static_cast<size_t>(image.channels);
  Image out{height, image.width, image.channels, {}};
  out.pixels.resize(static_cast<size_t>(height) * row);
  uint8_t* to = out.pixels.data();
  for (const Window& window : windows) {
    const uint8_t* from = image.pixels.data() + static_cast<size_t>(window.first) * row;
    for (size_t x = 0; x < row; ++x) *to++ = weighted_sum(window, from + x, row);
  }
  return out;
}

}  // namespace

Image resize(const Image& image, int height, int width) {
  Image out = width == image.width ? image : resize_width(image, width);
  return height == image.height ? out : resize_height(out, height);
}

Image resize_shorter(const Image& image, int shorter) {
  const int64_t side = std::min(image.height, image.width);
  const auto scaled = [&](int64_t length) {
    return length == side ? shorter : static_cast<int>(length * shorter / side);
  };
  return resize(image, scaled(image.height), scaled(image.width));
}

Image center_crop(const Image& image, int size) {
  const int top = (image.height - size) / 2;
  const int left = (image.width - size) / 2;
  const auto channels = static_cast<size_t>(image.channels);
  const size_t row = static_cast<size_t>(size) * channels;
  Image out{size, size, image.channels, {}};
  out.pixels.resize(static_cast<size_t>(size) * row);
  for (int y = 0; y < size; ++y) {
    const size_t from = (static_cast<size_t>(top + y) * static_cast<size_t>(image.width) +
                         static_cast<size_t>(left)) *
                        channels;
    std::memcpy(out.pixels.data() + static_cast<size_t>(y) * row, image.pixels.data() + from, row);
  }
  return out;
}

}  // namespace weq::convert
