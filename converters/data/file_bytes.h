// Files as bytes: whole, or a range at a time. Every failure is a FileError that names the file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weq::convert {

// All bytes of `path`; an empty file is an error.
std::vector<uint8_t> read_file(const std::string& path);

// A file open for reading by range. Any number of threads may read at once.
class RangeFile {
 public:
  explicit RangeFile(const std::string& path);
  ~RangeFile();
  RangeFile(const RangeFile&) = delete;
  RangeFile& operator=(const RangeFile&) = delete;
  const std::string& path() const { return path_; }
  uint64_t size() const { return size_; }
  // Exactly `count` bytes from `offset`.
  void read(uint64_t offset, void* data, size_t count) const;

 private:
  std::string path_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
};

// Writes `parts` one after another to a new file beside `path` and renames it: a reader never sees
// half a file. Devices and pipes are written in place. A full disk is a ResourceError.
struct BytePart {
  const void* data;
  size_t size;
};
void write_file(const std::string& path, const std::vector<BytePart>& parts);

}  // namespace weq::convert
