// Errors that the command line must tell apart from a plain ConvertError.
#pragma once

#include <string>

#include "converters/ir/graph.h"

namespace weq::convert {

// The message already begins with the file that is to blame (data, labels, JSON), so nobody puts
// the model's name before it.
class FileError : public ConvertError {
 public:
  FileError(const std::string& file, const std::string& reason)
      : ConvertError(file + ": " + reason) {}
};

// Out of memory or disk space: exit code 4. The message names the file where there is one.
class ResourceError : public ConvertError {
 public:
  using ConvertError::ConvertError;
};

// The call itself is wrong (an unknown ISA or kernel name): exit code 2.
class UsageError : public ConvertError {
 public:
  using ConvertError::ConvertError;
};

}  // namespace weq::convert
