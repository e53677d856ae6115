#include "converters/data/npy.h"
#include "converters/data/preprocess.h"
#include "converters/data/raw_source.h"
#include "converters/ir/errors.h"

namespace weq::convert {
namespace {

class NpySource : public RawSource {
 public:
  explicit NpySource(const std::string& path) : file_(path) {
    if (file_.shape().empty() || element_count(file_.shape()) == 0) {
      throw FileError(path, "holds no records: its shape is " + to_string(file_.shape()) +
                                "; the first axis must count them");
    }
    record_shape_.assign(file_.shape().begin() + 1, file_.shape().end());
    record_size_ = element_count(record_shape_);
  }
  int64_t count() const override { return file_.shape()[0]; }
  void hash(int64_t index, Fnv1a* digest) const override {
    const std::vector<uint8_t> bytes = file_.read_bytes(index * record_size_, record_size_);
    digest->add(bytes.data(), bytes.size());
  }

 protected:
  NpyFile file_;
  Shape record_shape_;
  int64_t record_size_;
};

class NpyImages : public NpySource {
 public:
  NpyImages(const std::string& path, Preprocessor preprocessor)
      : NpySource(path), preprocessor_(std::move(preprocessor)) {
    if (record_shape_.size() == 2) record_shape_.push_back(1);
    for (const int64_t side : {record_shape_[0], record_shape_[1]}) {
      if (side > 32767) throw FileError(path, "its images are larger than 32767 pixels a side");
    }
  }
  bool holds_images() const override { return true; }
  Record read(int64_t index) const override {
    const auto channels = static_cast<size_t>(record_shape_[2]);
    Image image{static_cast<int>(record_shape_[0]), static_cast<int>(record_shape_[1]),
                static_cast<int>(channels), file_.read_bytes(index * record_size_, record_size_)};
    if (channels == 4) drop_alpha(&image);
    return preprocessor_.apply(std::move(image), file_.path());
  }

 private:
  static void drop_alpha(Image* image) {
    const size_t pixels = image->pixels.size() / 4;
    for (size_t i = 0; i < pixels; ++i) {
      for (size_t c = 0; c < 3; ++c) image->pixels[3 * i + c] = image->pixels[4 * i + c];
    }
    image->pixels.resize(3 * pixels);
    image->channels = 3;
  }
  Preprocessor preprocessor_;
};

class NpyTensors : public NpySource {
 public:
  NpyTensors(const std::string& path, const Shape& input_shape)
      : NpySource(path), input_shape_(input_shape) {
    if (!fits()) {
      throw FileError(path, "its records are " + to_string(record_shape_) + ", the network takes " +
                                to_string(Shape(input_shape.begin() + (input_shape.empty() ? 0 : 1),
                                                input_shape.end())) +
                                " each; reshape the array");
    }
  }
  bool holds_images() const override { return false; }
  Record read(int64_t index) const override {
    Record record;
    record.input.shape = input_shape_;
    record.input.f = file_.read_floats(index * record_size_, record_size_);
    return record;
  }

 private:
  // Equal, or equal once an axis of length 1 is put in.
  bool fits() const {
    if (input_shape_.empty()) return false;
    const Shape wanted(input_shape_.begin() + 1, input_shape_.end());
    if (wanted == record_shape_) return true;
    for (size_t axis = 0; axis <= record_shape_.size(); ++axis) {
      Shape widened = record_shape_;
      widened.insert(widened.begin() + static_cast<std::ptrdiff_t>(axis), 1);
      if (widened == wanted) return true;
    }
    return false;
  }
  Shape input_shape_;
};

}  // namespace

std::unique_ptr<RawSource> open_npy(const std::string& path, const Preprocess& preprocess,
                                    const Shape& input_shape) {
  const NpyFile header(path);
  const Shape& shape = header.shape();
  if (header.type() != NpyType::kU8) return std::make_unique<NpyTensors>(path, input_shape);
  const int64_t channels = shape.size() == 4 ? shape[3] : shape.size() == 3 ? 1 : 0;
  if (channels != 1 && channels != 3 && channels != 4) {
    throw FileError(path, "uint8 " + to_string(shape) +
                              " is not [N,H,W,C] with 1, 3 or 4 channels, so these are no images; "
                              "save float32 to feed values as they are");
  }
  return std::make_unique<NpyImages>(path, Preprocessor(preprocess, input_shape));
}

}  // namespace weq::convert
