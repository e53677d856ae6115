#include "converters/data/file_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "converters/ir/errors.h"

namespace weq::convert {

std::vector<uint8_t> read_file(const std::string& path) {
  const RangeFile file(path);
  if (file.size() == 0) throw FileError(path, "the file is empty; give a complete one");
  std::vector<uint8_t> bytes(file.size());
  file.read(0, bytes.data(), bytes.size());
  return bytes;
}

RangeFile::RangeFile(const std::string& path) : path_(path) {
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) {
    throw FileError(path, std::string("cannot be opened: ") + std::strerror(errno) +
                              "; check the path and its permissions");
  }
  struct stat status;
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    throw FileError(path, "is not a regular file; give the path of a file");
  }
  size_ = static_cast<uint64_t>(status.st_size);
}

RangeFile::~RangeFile() { ::close(descriptor_); }

void RangeFile::read(uint64_t offset, void* data, size_t count) const {
  auto* out = static_cast<uint8_t*>(data);
  while (count > 0) {
    const ssize_t got = ::pread(descriptor_, out, count, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      throw FileError(path_,
                      std::string("cannot be read: ") + std::strerror(errno) + "; check the disk");
    }
    if (got == 0) throw FileError(path_, "ends too early; the file is truncated, copy it again");
    out += got;
    offset += static_cast<uint64_t>(got);
    count -= static_cast<size_t>(got);
  }
}

namespace {

[[noreturn]] void write_failed(const std::string& path, int error) {
  const std::string reason = std::string("cannot be written: ") + std::strerror(error);
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    throw ResourceError(path + ": " + reason + "; free some space");
  }
  throw FileError(path, reason + "; check the folder and its permissions");
}

}  // namespace

void write_file(const std::string& path, const std::vector<BytePart>& parts) {
  // A device or a pipe is written in place: a rename would put a file where it was.
  struct stat status;
  const bool in_place = ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
  const std::string target = in_place ? path : path + ".partial" + std::to_string(::getpid());
  const int descriptor = ::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) write_failed(path, errno);
  int error = 0;
  for (const BytePart& part : parts) {
    const auto* bytes = static_cast<const uint8_t*>(part.data);
    for (size_t done = 0; done < part.size && error == 0;) {
      const ssize_t put = ::write(descriptor, bytes + done, part.size - done);
      if (put >= 0) {
        done += static_cast<size_t>(put);
      } else if (errno != EINTR) {
        error = errno;
      }
    }
  }
  // Some file systems find the disk full only here; some files cannot be synced at all.
  if (error == 0 && ::fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP) error = errno;
  if (::close(descriptor) != 0 && error == 0) error = errno;
  if (error == 0 && !in_place && std::rename(target.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    if (!in_place) ::unlink(target.c_str());
    write_failed(path, error);
  }
}

}  // namespace weq::convert
