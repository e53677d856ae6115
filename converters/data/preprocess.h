// From a picture to what the network takes: channels, resize, crop, x = (pixel*scale - mean) / std.
#pragma once

#include <string>
#include <vector>

#include "converters/data/image_file.h"
#include "converters/data/source.h"

namespace weq::convert {

// True where the same bytes give the same tensor by both: channel order, scale, mean, std.
bool same_normalization(const Preprocess& a, const Preprocess& b);

// Immutable after construction; any number of threads may use one.
class Preprocessor {
 public:
  // `input_shape`: [1, c, h, w], or [1, h, w, c] where only the last axis can be the channels; c is
  // 1 or 3. Throws ConvertError where the network takes no image or mean and std do not fit.
  Preprocessor(const Preprocess& preprocess, const Shape& input_shape);
  // Throws FileError naming `what` where the size differs after resize and crop.
  Record apply(Image image, const std::string& what) const;
  // Bytes already of the final size, channels and order: the normalization alone.
  Record normalize(std::vector<uint8_t> bytes) const;
  int height() const { return height_; }
  int width() const { return width_; }
  int channels() const { return channels_; }

 private:
  Preprocess preprocess_;
  Shape shape_;
  bool channels_last_ = false;
  int channels_ = 0, height_ = 0, width_ = 0;
  std::vector<float> value_;  // [channels][256]: the tensor's value for each byte
};

}  // namespace weq::convert
