#include "converters/data/file_bytes.h"
#include "converters/data/preprocess.h"
#include "converters/data/raw_source.h"
#include "converters/ir/errors.h"

namespace weq::convert {
namespace {

constexpr int kSide = 32;
constexpr size_t kPlane = kSide * kSide;
constexpr size_t kRecordBytes = 1 + 3 * kPlane;

class CifarSource : public RawSource {
 public:
  CifarSource(const std::string& path, Preprocessor preprocessor)
      : file_(path), preprocessor_(std::move(preprocessor)) {
    if (file_.size() == 0 || file_.size() % kRecordBytes != 0) {
      throw FileError(path, "holds " + std::to_string(file_.size()) +
                                " bytes, not a multiple of the 3,073 of a CIFAR-10 record (label, "
                                "then 32x32 red, green, blue); the file is truncated or of another "
                                "kind");
    }
    for (int64_t i = 0; i < count(); ++i) {
      uint8_t label;
      file_.read(offset(i), &label, 1);
      labels_.push_back(label);
    }
  }
  int64_t count() const override { return static_cast<int64_t>(file_.size() / kRecordBytes); }
  bool has_labels() const override { return true; }
  int64_t label(int64_t index) const override { return labels_[static_cast<size_t>(index)]; }
  bool holds_images() const override { return true; }

  Record read(int64_t index) const override {
    uint8_t record[kRecordBytes];
    file_.read(offset(index), record, kRecordBytes);
    Image image{kSide, kSide, 3, std::vector<uint8_t>(3 * kPlane)};
    for (size_t i = 0; i < kPlane; ++i) {
      for (size_t c = 0; c < 3; ++c) image.pixels[3 * i + c] = record[1 + c * kPlane + i];
    }
    return preprocessor_.apply(std::move(image), file_.path());
  }
  void hash(int64_t index, Fnv1a* digest) const override {
    uint8_t record[kRecordBytes];
    file_.read(offset(index), record, kRecordBytes);
    digest->add(record, kRecordBytes);
  }

 private:
  static uint64_t offset(int64_t index) { return static_cast<uint64_t>(index) * kRecordBytes; }
  RangeFile file_;
  Preprocessor preprocessor_;
  std::vector<uint8_t> labels_;
};

}  // namespace

std::unique_ptr<RawSource> open_cifar(const std::string& path, const Preprocess& preprocess,
                                      const Shape& input_shape) {
  return std::make_unique<CifarSource>(path, Preprocessor(preprocess, input_shape));
}

}  // namespace weq::convert
