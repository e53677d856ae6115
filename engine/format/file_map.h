// A file mapped read-only. Page-aligned, so also to kAlignment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "weq/weq.hpp"

namespace weq::format {

class FileMap {
 public:
  FileMap() = default;
  ~FileMap();
  FileMap(const FileMap&) = delete;
  FileMap& operator=(const FileMap&) = delete;

  Status open(const std::string& path);
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace weq::format
