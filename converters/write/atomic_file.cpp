#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "converters/ir/graph.h"
#include "converters/write/weq_writer.h"

namespace weq::convert {

void write_file_atomically(const std::string& path, const uint8_t* data, size_t size) {
  const std::string temporary = path + ".part" + std::to_string(getpid());
  const auto fail = [&](const char* what) {
    const int error = errno;
    unlink(temporary.c_str());
    throw ConvertError("cannot " + std::string(what) + " " + path + ": " + std::strerror(error));
  };
  const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (file < 0) fail("create");
  size_t done = 0;
  while (done < size) {
    const ssize_t n = write(file, data + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      close(file);
      fail("write");
    }
    done += static_cast<size_t>(n);
  }
  if (fsync(file) != 0 && errno != EINVAL && errno != ENOTSUP) {
    close(file);
    fail("write");
  }
  if (close(file) != 0) fail("write");
  if (std::rename(temporary.c_str(), path.c_str()) != 0) fail("rename to");
}

}  // namespace weq::convert
