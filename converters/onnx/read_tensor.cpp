#include "converters/onnx/read_tensor.h"

#include <cstring>
#include <limits>

#include "converters/onnx/external_data.h"
#include "converters/onnx/widen.h"

namespace weq::convert {
namespace {

using Proto = onnx::TensorProto;

int64_t bytes_per_element(int data_type) {
  switch (data_type) {
    case Proto::INT8:
    case Proto::UINT8:
    case Proto::BOOL:
      return 1;
    case Proto::INT16:
    case Proto::UINT16:
    case Proto::FLOAT16:
    case Proto::BFLOAT16:
      return 2;
    case Proto::INT32:
    case Proto::UINT32:
    case Proto::FLOAT:
      return 4;
    default:
      return 8;
  }
}

int64_t widen_uint64(uint64_t value) {
  if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
    throw ConvertError("holds an unsigned number above 2^63; use a smaller one");
  return static_cast<int64_t>(value);
}

// Little-endian bytes, as ONNX prescribes, to `count` elements.
template <typename Stored, typename Wide, typename Widen>
void read_bytes(const std::string& bytes, std::vector<Wide>* out, Widen widen) {
  const size_t count = bytes.size() / sizeof(Stored);
  out->resize(count);
  for (size_t i = 0; i < count; ++i) {
    Stored stored;
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    (*out)[i] = widen(stored);
  }
}

void widen_bytes(int data_type, const std::string& bytes, Tensor* tensor) {
  const auto integer = [](auto value) { return static_cast<int64_t>(value); };
  switch (data_type) {
    case Proto::FLOAT:
      tensor->f.resize(bytes.size() / sizeof(float));
      if (!bytes.empty()) std::memcpy(tensor->f.data(), bytes.data(), bytes.size());
      return;
    case Proto::DOUBLE:
      return read_bytes<double>(bytes, &tensor->f, [](double v) { return static_cast<float>(v); });
    case Proto::FLOAT16:
      return read_bytes<uint16_t>(bytes, &tensor->f, widen_float16);
    case Proto::BFLOAT16:
      return read_bytes<uint16_t>(bytes, &tensor->f, widen_bfloat16);
    case Proto::BOOL:
      return read_bytes<uint8_t>(bytes, &tensor->i, [](uint8_t v) { return int64_t{v != 0}; });
    case Proto::INT8:
      return read_bytes<int8_t>(bytes, &tensor->i, integer);
    case Proto::UINT8:
      return read_bytes<uint8_t>(bytes, &tensor->i, integer);
    case Proto::INT16:
      return read_bytes<int16_t>(bytes, &tensor->i, integer);
    case Proto::UINT16:
      return read_bytes<uint16_t>(bytes, &tensor->i, integer);
    case Proto::INT32:
      return read_bytes<int32_t>(bytes, &tensor->i, integer);
    case Proto::UINT32:
      return read_bytes<uint32_t>(bytes, &tensor->i, integer);
    case Proto::INT64:
      return read_bytes<int64_t>(bytes, &tensor->i, integer);
    default:
      return read_bytes<uint64_t>(bytes, &tensor->i, widen_uint64);
  }
}

template <typename Field, typename Wide, typename Widen>
void read_field(const Field& field, std::vector<Wide>* out, Widen widen) {
  out->reserve(static_cast<size_t>(field.size()));
  for (const auto value : field) out->push_back(widen(value));
}

void widen_fields(const Proto& proto, Tensor* tensor) {
  const auto integer = [](auto value) { return static_cast<int64_t>(value); };
  switch (proto.data_type()) {
    case Proto::FLOAT:
      return read_field(proto.float_data(), &tensor->f, [](float v) { return v; });
    case Proto::DOUBLE:
      return read_field(proto.double_data(), &tensor->f,
                        [](double v) { return static_cast<float>(v); });
    case Proto::FLOAT16:
      return read_field(proto.int32_data(), &tensor->f,
                        [](int32_t v) { return widen_float16(static_cast<uint16_t>(v)); });
    case Proto::BFLOAT16:
      return read_field(proto.int32_data(), &tensor->f,
                        [](int32_t v) { return widen_bfloat16(static_cast<uint16_t>(v)); });
    case Proto::BOOL:
      return read_field(proto.int32_data(), &tensor->i, [](int32_t v) { return int64_t{v != 0}; });
    case Proto::INT64:
      return read_field(proto.int64_data(), &tensor->i, integer);
    case Proto::UINT32:
    case Proto::UINT64:
      return read_field(proto.uint64_data(), &tensor->i, widen_uint64);
    default:
      return read_field(proto.int32_data(), &tensor->i, integer);
  }
}

}  // namespace

std::optional<DType> widened_type(int data_type) {
  switch (data_type) {
    case Proto::FLOAT:
    case Proto::FLOAT16:
    case Proto::BFLOAT16:
    case Proto::DOUBLE:
      return DType::kFloat;
    case Proto::INT8:
    case Proto::UINT8:
    case Proto::INT16:
    case Proto::UINT16:
    case Proto::INT32:
    case Proto::UINT32:
    case Proto::INT64:
    case Proto::UINT64:
      return DType::kInt64;
    case Proto::BOOL:
      return DType::kBool;
    default:
      return std::nullopt;
  }
}

std::string refuse_type(int data_type) {
  static constexpr const char* kNewer[] = {"float8e4m3fn",   "float8e4m3fnuz", "float8e5m2",
                                           "float8e5m2fnuz", "uint4",          "int4",
                                           "float4e2m1"};
  constexpr int kFirstNewer = 17;
  std::string name;
  if (data_type == Proto::UNDEFINED)
    name = "undefined";
  else if (data_type == Proto::STRING)
    name = "string";
  else if (data_type == Proto::COMPLEX64 || data_type == Proto::COMPLEX128)
    name = "complex";
  else if (data_type >= kFirstNewer && data_type < kFirstNewer + 7)
    name = kNewer[data_type - kFirstNewer];
  else
    name = "number " + std::to_string(data_type);
  return "data type " + name + " is not supported; export the model in float32";
}

Tensor read_tensor(const Proto& proto, const std::string& folder) {
  Tensor tensor;
  tensor.dtype = widened_type(proto.data_type()).value();
  tensor.shape.assign(proto.dims().begin(), proto.dims().end());
  const int64_t count = element_count(tensor.shape);
  const int64_t bytes = count * bytes_per_element(proto.data_type());
  if (proto.has_segment())
    throw ConvertError("is stored in segments, which is not supported; export the model again");
  if (proto.data_location() == Proto::EXTERNAL) {
    widen_bytes(proto.data_type(), read_external_data(proto, folder, bytes), &tensor);
  } else if (proto.has_raw_data()) {
    if (static_cast<int64_t>(proto.raw_data().size()) != bytes)
      throw ConvertError("has " + std::to_string(proto.raw_data().size()) +
                         " bytes of data where its shape " + to_string(tensor.shape) + " wants " +
                         std::to_string(bytes) + "; export the model again");
    widen_bytes(proto.data_type(), proto.raw_data(), &tensor);
  } else {
    widen_fields(proto, &tensor);
  }
  const size_t held = tensor.dtype == DType::kFloat ? tensor.f.size() : tensor.i.size();
  if (static_cast<int64_t>(held) != count)
    throw ConvertError("has " + std::to_string(held) + " elements where its shape " +
                       to_string(tensor.shape) + " wants " + std::to_string(count) +
                       "; export the model again");
  return tensor;
}

}  // namespace weq::convert
