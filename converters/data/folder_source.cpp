#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>

#include "converters/data/file_bytes.h"
#include "converters/data/labels.h"
#include "converters/data/preprocess.h"
#include "converters/data/raw_source.h"
#include "converters/ir/errors.h"

namespace weq::convert {
namespace {

struct Entry {
  std::string name;
  int64_t label;
};

class FolderSource : public RawSource {
 public:
  FolderSource(std::string folder, std::vector<Entry> entries, bool labelled,
               Preprocessor preprocessor)
      : folder_(std::move(folder)),
        entries_(std::move(entries)),
        labelled_(labelled),
        preprocessor_(std::move(preprocessor)) {}

  int64_t count() const override { return static_cast<int64_t>(entries_.size()); }
  bool has_labels() const override { return labelled_; }
  int64_t label(int64_t index) const override { return entry(index).label; }
  bool holds_images() const override { return true; }
  Record read(int64_t index) const override {
    const std::string path = folder_ + entry(index).name;
    return preprocessor_.apply(read_image(path), path);
  }
  void hash(int64_t index, Fnv1a* digest) const override {
    const std::string& name = entry(index).name;
    const std::vector<uint8_t> bytes = read_file(folder_ + name);
    digest->add(name.data(), name.size() + 1);
    digest->add(bytes.data(), bytes.size());
  }

 private:
  const Entry& entry(int64_t index) const { return entries_[static_cast<size_t>(index)]; }
  std::string folder_;  // ends in '/'; empty for a single file
  std::vector<Entry> entries_;
  bool labelled_;
  Preprocessor preprocessor_;
};

bool exists(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0;
}

}  // namespace

std::unique_ptr<RawSource> open_folder(const std::string& path, const Preprocess& preprocess,
                                       const Shape& input_shape) {
  const std::string folder = path.back() == '/' ? path : path + '/';
  std::vector<Entry> entries;
  const bool labelled = exists(folder + "labels.csv");
  if (labelled) {
    for (auto& [name, label] : read_labels_csv(folder + "labels.csv")) {
      if (!exists(folder + name)) {
        throw FileError(folder + "labels.csv", "names " + name +
                                                   ", which is not in the folder; "
                                                   "add the image or remove the line");
      }
      entries.push_back({name, label});
    }
  } else {
    DIR* directory = ::opendir(path.c_str());
    if (directory == nullptr) throw FileError(path, "the folder cannot be read; check permissions");
    while (const dirent* file = ::readdir(directory)) {
      if (has_image_extension(file->d_name)) entries.push_back({file->d_name, -1});
    }
    ::closedir(directory);
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.name < b.name; });
    if (entries.empty()) {
      throw FileError(path, "the folder holds no .jpg, .jpeg or .png; give a folder of images");
    }
  }
  return std::make_unique<FolderSource>(folder, std::move(entries), labelled,
                                        Preprocessor(preprocess, input_shape));
}

std::unique_ptr<RawSource> open_image(const std::string& path, const Preprocess& preprocess,
                                      const Shape& input_shape) {
  return std::make_unique<FolderSource>("", std::vector<Entry>{{path, -1}}, false,
                                        Preprocessor(preprocess, input_shape));
}

}  // namespace weq::convert
