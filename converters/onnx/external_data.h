// Weights that lie in files beside the model. Only the model's own folder is read: a model is data
// from strangers and must not name other files of the machine.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>

namespace weq::convert {

// The `bytes` bytes that `tensor` (data_location EXTERNAL) refers to. `folder` is the model's own.
// Throws ConvertError: a location that is absolute, has "..", or leads out of the folder through a
// link; a missing file; an offset or length that the file does not have or the shape does not want.
std::string read_external_data(const onnx::TensorProto& tensor, const std::string& folder,
                               int64_t bytes);

}  // namespace weq::convert
