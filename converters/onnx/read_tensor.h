// ONNX tensors, widened to the three types of the graph: floats of any width to float, integers to
// int64, bool.
#pragma once

#include <onnx/onnx_pb.h>

#include <optional>
#include <string>

#include "converters/ir/graph.h"

namespace weq::convert {

// The graph's type for ONNX's `data_type`; nothing for strings, complex numbers and the small
// types.
std::optional<DType> widened_type(int data_type);
// Why a tensor of `data_type` is refused, in words that end in advice.
std::string refuse_type(int data_type);

// The tensor with its data (raw, typed or external). Its type must have passed `widened_type`.
// Throws ConvertError on a shape and data that do not agree.
Tensor read_tensor(const onnx::TensorProto& proto, const std::string& folder);

}  // namespace weq::convert
