// An ONNX file into protobuf's own classes.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>

namespace weq::convert {

// Throws ConvertError: unreadable, larger than protobuf can hold (2 GiB), damaged, or no ONNX
// model.
onnx::ModelProto read_model(const std::string& path);

}  // namespace weq::convert
