#include "converters/data/preprocess.h"

#include <algorithm>

#include "converters/data/resize.h"
#include "converters/ir/errors.h"

namespace weq::convert {
namespace {

float of_channel(const std::vector<float>& values, int channel, float fallback) {
  if (values.empty()) return fallback;
  return values.size() == 1 ? values[0] : values[static_cast<size_t>(channel)];
}

// Rec. 601 luminance in 16-bit fixed point, as image libraries round it.
Image to_grey(const Image& rgb) {
  Image grey{rgb.height, rgb.width, 1, {}};
  grey.pixels.resize(rgb.pixels.size() / 3);
  for (size_t i = 0; i < grey.pixels.size(); ++i) {
    const uint8_t* p = rgb.pixels.data() + 3 * i;
    const uint32_t sum = p[0] * 19595u + p[1] * 38470u + p[2] * 7471u + 0x8000u;
    grey.pixels[i] = static_cast<uint8_t>(sum >> 16);
  }
  return grey;
}

Image to_rgb(const Image& grey) {
  Image rgb{grey.height, grey.width, 3, {}};
  rgb.pixels.reserve(grey.pixels.size() * 3);
  for (const uint8_t pixel : grey.pixels) rgb.pixels.insert(rgb.pixels.end(), 3, pixel);
  return rgb;
}

std::string size_text(int height, int width, int channels) {
  return std::to_string(height) + "x" + std::to_string(width) + "x" + std::to_string(channels);
}

}  // namespace

bool same_normalization(const Preprocess& a, const Preprocess& b) {
  if (a.bgr != b.bgr || a.mono != b.mono || a.scale != b.scale) return false;
  const int channels = static_cast<int>(
      std::max({a.mean.size(), b.mean.size(), a.std.size(), b.std.size(), size_t{1}}));
  for (const Preprocess* p : {&a, &b}) {
    for (const std::vector<float>* v : {&p->mean, &p->std}) {
      if (v->size() > 1 && static_cast<int>(v->size()) != channels) return false;
    }
  }
  for (int c = 0; c < channels; ++c) {
    if (of_channel(a.mean, c, 0) != of_channel(b.mean, c, 0)) return false;
    if (of_channel(a.std, c, 1) != of_channel(b.std, c, 1)) return false;
  }
  return true;
}

Preprocessor::Preprocessor(const Preprocess& preprocess, const Shape& input_shape)
    : preprocess_(preprocess), shape_(input_shape) {
  const auto is_channels = [](int64_t n) { return n == 1 || n == 3; };
  if (shape_.size() != 4 || (!is_channels(shape_[1]) && !is_channels(shape_[3]))) {
    throw ConvertError("the network's input is " + to_string(shape_) +
                       ", not an image of 1 or 3 channels; give its inputs as a float32 .npy");
  }
  channels_last_ = !is_channels(shape_[1]);
  channels_ = static_cast<int>(channels_last_ ? shape_[3] : shape_[1]);
  height_ = static_cast<int>(channels_last_ ? shape_[1] : shape_[2]);
  width_ = static_cast<int>(channels_last_ ? shape_[2] : shape_[3]);
  for (const auto& [name, values] :
       {std::pair{"mean", &preprocess_.mean}, std::pair{"std", &preprocess_.std}}) {
    if (values->size() > 1 && static_cast<int>(values->size()) != channels_) {
      throw ConvertError(std::string("preprocessing gives ") + std::to_string(values->size()) +
                         " values of `" + name + "`, the network takes " +
                         std::to_string(channels_) + " channels; give one, or one per channel");
    }
  }
  value_.resize(static_cast<size_t>(channels_) * 256);
  for (int c = 0; c < channels_; ++c) {
    const float mean = of_channel(preprocess_.mean, c, 0);
    const float std = of_channel(preprocess_.std, c, 1);
    for (int pixel = 0; pixel < 256; ++pixel) {
      const float scaled = static_cast<float>(pixel) * preprocess_.scale;
      value_[static_cast<size_t>(c * 256 + pixel)] = (scaled - mean) / std;
    }
  }
}

Record Preprocessor::apply(Image image, const std::string& what) const {
  if (preprocess_.mono && image.channels == 3) image = to_grey(image);
  if (!preprocess_.mono && channels_ == 3 && image.channels == 1) image = to_rgb(image);
  if (preprocess_.resize_to.size() == 2) {
    image = resize(image, preprocess_.resize_to[0], preprocess_.resize_to[1]);
  } else if (preprocess_.resize_shorter > 0) {
    // A sliver of a picture could grow without bound.
    const int64_t shorter = std::min(image.height, image.width);
    const int64_t longer = std::max(image.height, image.width);
    if (longer * preprocess_.resize_shorter / shorter * preprocess_.resize_shorter >
        kMaxImagePixels) {
      throw FileError(what, "its sides are too unequal to resize the shorter one to " +
                                std::to_string(preprocess_.resize_shorter) + "; crop the picture");
    }
    image = resize_shorter(image, preprocess_.resize_shorter);
  }
  const int crop = preprocess_.crop;
  if (crop > 0 && image.height >= crop && image.width >= crop) image = center_crop(image, crop);
  if (image.height != height_ || image.width != width_ || image.channels != channels_) {
    throw FileError(what, "is " + size_text(image.height, image.width, image.channels) +
                              " after preprocessing, the network takes " +
                              size_text(height_, width_, channels_) +
                              " (height x width x channels); give `resize_shorter` and `crop`, or "
                              "`resize_to`, and `channel_order` in --preprocess");
  }
  if (preprocess_.bgr && channels_ == 3) {
    for (size_t i = 0; i < image.pixels.size(); i += 3) {
      std::swap(image.pixels[i], image.pixels[i + 2]);
    }
  }
  return normalize(std::move(image.pixels));
}

Record Preprocessor::normalize(std::vector<uint8_t> bytes) const {
  Record record;
  record.image = std::move(bytes);
  record.input.shape = shape_;
  record.input.f.resize(record.image.size());
  const size_t plane = static_cast<size_t>(height_) * static_cast<size_t>(width_);
  const auto channels = static_cast<size_t>(channels_);
  for (size_t i = 0; i < plane; ++i) {
    for (size_t c = 0; c < channels; ++c) {
      const float value = value_[c * 256 + record.image[i * channels + c]];
      record.input.f[channels_last_ ? i * channels + c : c * plane + i] = value;
    }
  }
  return record;
}

}  // namespace weq::convert
