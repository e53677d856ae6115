#include <algorithm>

#include "converters/data/noise.h"
#include "converters/data/preprocess.h"
#include "converters/data/raw_source.h"

namespace weq::convert {
namespace {

bool takes_photographs(const Preprocess& preprocess, const Shape& shape) {
  if (shape.size() != 4) return false;
  if (shape[1] == 3 || shape[3] == 3) return !preprocess.mono;
  if (shape[1] != 1 && shape[3] != 1) return false;
  const auto other_than = [](const std::vector<float>& values, float neutral) {
    return std::any_of(values.begin(), values.end(), [&](float v) { return v != neutral; });
  };
  return preprocess.scale != 1 || preprocess.crop > 0 || preprocess.resize_shorter > 0 ||
         !preprocess.resize_to.empty() || other_than(preprocess.mean, 0) ||
         other_than(preprocess.std, 1);
}

class RandomImages : public RawSource {
 public:
  RandomImages(int64_t count, Preprocessor preprocessor)
      : count_(count), preprocessor_(std::move(preprocessor)) {}
  int64_t count() const override { return count_; }
  bool holds_images() const override { return true; }
  Record read(int64_t index) const override {
    std::vector<uint8_t> bytes(static_cast<size_t>(preprocessor_.height()) *
                               static_cast<size_t>(preprocessor_.width()) *
                               static_cast<size_t>(preprocessor_.channels()));
    Noise stream = Noise::stream(static_cast<uint64_t>(index) + 1);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(stream.next() >> 56);
    return preprocessor_.normalize(std::move(bytes));
  }
  void hash(int64_t index, Fnv1a* digest) const override { digest->add(&index, sizeof index); }

 private:
  int64_t count_;
  Preprocessor preprocessor_;
};

class RandomTensors : public RawSource {
 public:
  RandomTensors(int64_t count, const Shape& shape) : count_(count), shape_(shape) {}
  int64_t count() const override { return count_; }
  bool holds_images() const override { return false; }
  Record read(int64_t index) const override {
    Record record;
    record.input.shape = shape_;
    record.input.f.resize(static_cast<size_t>(element_count(shape_)));
    Noise stream = Noise::stream(static_cast<uint64_t>(index) + 1);
    for (float& value : record.input.f) value = stream.normal();
    return record;
  }
  void hash(int64_t index, Fnv1a* digest) const override { digest->add(&index, sizeof index); }

 private:
  int64_t count_;
  Shape shape_;
};

}  // namespace

std::unique_ptr<RawSource> open_random(int64_t count, const Preprocess& preprocess,
                                       const Shape& input_shape) {
  if (takes_photographs(preprocess, input_shape)) {
    return std::make_unique<RandomImages>(count, Preprocessor(preprocess, input_shape));
  }
  return std::make_unique<RandomTensors>(count, input_shape);
}

}  // namespace weq::convert
