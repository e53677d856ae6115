#include "converters/onnx/read_model.h"

#include <fcntl.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>

#include "converters/ir/graph.h"

namespace weq::convert {
namespace {

class File {
 public:
  explicit File(const std::string& path) : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

// Protobuf would print what we say better in the exception.
class QuietProtobuf {
 public:
  QuietProtobuf() : before_(google::protobuf::SetLogHandler(nullptr)) {}
  ~QuietProtobuf() { google::protobuf::SetLogHandler(before_); }
  QuietProtobuf(const QuietProtobuf&) = delete;
  QuietProtobuf& operator=(const QuietProtobuf&) = delete;

 private:
  google::protobuf::LogHandler* before_;
};

}  // namespace

onnx::ModelProto read_model(const std::string& path) {
  const File file(path);
  struct stat status;
  if (file.descriptor() < 0 || fstat(file.descriptor(), &status) != 0)
    throw ConvertError(std::string("cannot be read: ") + std::strerror(errno) +
                       "; check the path and its permissions");
  if (!S_ISREG(status.st_mode)) throw ConvertError("is not a file; give the path of an .onnx file");
  if (status.st_size == 0) throw ConvertError("is empty; copy or export the model again");
  if (status.st_size > std::numeric_limits<int>::max())
    throw ConvertError(
        "is larger than 2 GiB, which protobuf cannot hold; export it with external data");

  const QuietProtobuf quiet;
  onnx::ModelProto model;
  google::protobuf::io::FileInputStream stream(file.descriptor());
  google::protobuf::io::CodedInputStream coded(&stream);
  coded.SetTotalBytesLimit(std::numeric_limits<int>::max());
  if (!model.ParseFromCodedStream(&coded) || !coded.ConsumedEntireMessage())
    throw ConvertError(
        "is not an ONNX model, or it is damaged or cut short; copy or export it again");
  if (!model.has_graph())
    throw ConvertError("holds no graph, so it is no ONNX model; check the file");
  return model;
}

}  // namespace weq::convert
