#include "engine/format/file_map.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace weq::format {

FileMap::~FileMap() {
  if (data_ != nullptr) munmap(const_cast<uint8_t*>(data_), size_);
}

Status FileMap::open(const std::string& path) {
  const auto failed = [&](const char* what, const char* reason) {
    return Status(StatusCode::kIo, "weq: " + path + ": " + what + ": " + reason);
  };
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return failed("cannot open", std::strerror(errno));
  struct stat info;
  const bool known = fstat(descriptor, &info) == 0;
  if (!known || !S_ISREG(info.st_mode) || info.st_size == 0) {
    const char* reason = !known                   ? std::strerror(errno)
                         : !S_ISREG(info.st_mode) ? "not a regular file"
                                                  : "the file is empty";
    const Status status = known && S_ISREG(info.st_mode)
                              ? Status(StatusCode::kBadFile, "weq: " + path + ": " + reason)
                              : failed("cannot read", reason);
    close(descriptor);
    return status;
  }
  void* mapped =
      mmap(nullptr, static_cast<size_t>(info.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0);
  const int error = errno;
  close(descriptor);
  if (mapped == MAP_FAILED) return failed("cannot map", std::strerror(error));
  data_ = static_cast<const uint8_t*>(mapped);
  size_ = static_cast<size_t>(info.st_size);
  return {};
}

}  // namespace weq::format
