#include "converters/data/source.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "converters/data/image_file.h"
#include "converters/data/labels.h"
#include "converters/data/raw_source.h"
#include "converters/ir/errors.h"

namespace weq::convert {
namespace {

constexpr int64_t kRandomRecords = 16;

// A raw source behind --limit and --labels.
class Source : public DataSource {
 public:
  Source(std::unique_ptr<RawSource> raw, std::vector<int64_t> labels, int64_t limit)
      : raw_(std::move(raw)), labels_(std::move(labels)) {
    total_ = raw_->count();
    size_ = limit > 0 ? std::min(limit, total_) : total_;
  }
  int64_t size() const override { return size_; }
  bool has_labels() const override { return !labels_.empty() || raw_->has_labels(); }
  bool holds_images() const override { return raw_->holds_images(); }
  int64_t label(int64_t index) const override {
    const int64_t record = record_of(index);
    return labels_.empty() ? raw_->label(record) : labels_[static_cast<size_t>(record)];
  }
  Record read(int64_t index) const override { return raw_->read(record_of(index)); }
  uint64_t digest() const override {
    Fnv1a digest;
    for (int64_t i = 0; i < size_; ++i) raw_->hash(record_of(i), &digest);
    return digest.value();
  }

 private:
  int64_t record_of(int64_t index) const { return index * total_ / size_; }
  std::unique_ptr<RawSource> raw_;
  std::vector<int64_t> labels_;
  int64_t total_, size_;
};

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::unique_ptr<RawSource> open_raw(const SourceOptions& options, const Preprocess& preprocess,
                                    const Shape& input_shape) {
  const std::string& path = options.path;
  if (path == "random") {
    return open_random(options.limit > 0 ? options.limit : kRandomRecords, preprocess, input_shape);
  }
  struct stat status;
  if (path.empty() || ::stat(path.c_str(), &status) != 0) {
    throw FileError(path.empty() ? "data" : path,
                    std::string("cannot be opened: ") +
                        std::strerror(path.empty() ? ENOENT : errno) +
                        "; give a folder of images, *.bin, *.npy or an image");
  }
  if (S_ISDIR(status.st_mode)) return open_folder(path, preprocess, input_shape);
  if (ends_with(path, ".bin")) return open_cifar(path, preprocess, input_shape);
  if (ends_with(path, ".npy")) return open_npy(path, preprocess, input_shape);
  if (has_image_extension(path)) return open_image(path, preprocess, input_shape);
  if (ends_with(path, ".txt")) {
    throw FileError(path,
                    "text data needs a language model, which this version cannot run; give "
                    "a folder of images, *.bin or *.npy");
  }
  throw FileError(path,
                  "is no known kind of data; give a folder of images, *.bin (CIFAR-10), "
                  "*.npy, or a JPEG or PNG image");
}

}  // namespace

std::unique_ptr<DataSource> open_source(const SourceOptions& options, const Preprocess& preprocess,
                                        const Shape& input_shape) {
  std::unique_ptr<RawSource> raw = open_raw(options, preprocess, input_shape);
  std::vector<int64_t> labels;
  if (!options.labels.empty()) {
    labels = read_labels_npy(options.labels);
    if (static_cast<int64_t>(labels.size()) != raw->count()) {
      throw FileError(options.labels, "holds " + std::to_string(labels.size()) +
                                          " labels for the " + std::to_string(raw->count()) +
                                          " records of " + options.path +
                                          "; give one label a record");
    }
  }
  return std::make_unique<Source>(std::move(raw), std::move(labels), options.limit);
}

}  // namespace weq::convert
