// Cast. Canonical attribute: to (ONNX's data type number). Types are widened here: all floats are
// float32, all integers int64; casts to narrower integers wrap.
#include <cmath>
#include <limits>

#include "converters/ops/list.h"
#include "converters/ops/support.h"

namespace weq::convert {
namespace {

// The numbers of TensorProto.DataType.
enum Type : int64_t {
  kFloat32 = 1,
  kUint8,
  kInt8,
  kUint16,
  kInt16,
  kInt32,
  kInt64Type,
  kString,
  kBoolType,
  kFloat16,
  kDouble,
  kUint32,
  kUint64,
  kBfloat16 = 16
};

bool is_float(int64_t type) {
  return type == kFloat32 || type == kFloat16 || type == kDouble || type == kBfloat16;
}

bool is_known(int64_t type) {
  return is_float(type) || (type >= kUint8 && type <= kUint64 && type != kString);
}

std::string check(const Graph& graph, const Node& node) {
  const int64_t to = node.get_int("to", 0);
  if (!is_known(to)) {
    return "Cast to data type " + std::to_string(to) + " is not supported; use float or integers";
  }
  return arity(graph, node, 1, 1);
}

void infer(Graph& graph, Node& node) {
  const int64_t to = node.get_int("to", 0);
  require(node, check(graph, node));
  const DType dtype =
      is_float(to) ? DType::kFloat : (to == kBoolType ? DType::kBool : DType::kInt64);
  set_output(graph, node, 0, input_shape(graph, node, 0), dtype);
}

int64_t truncate(float value) {
  constexpr float kLimit = 9223372036854775808.0f;
  if (std::isnan(value)) return 0;
  if (value >= kLimit) return std::numeric_limits<int64_t>::max();
  if (value <= -kLimit) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(value);
}

int64_t narrow(int64_t value, int64_t to) {
  switch (to) {
    case kUint8:
      return static_cast<uint8_t>(value);
    case kInt8:
      return static_cast<int8_t>(value);
    case kUint16:
      return static_cast<uint16_t>(value);
    case kInt16:
      return static_cast<int16_t>(value);
    case kUint32:
      return static_cast<uint32_t>(value);
    case kInt32:
      return static_cast<int32_t>(value);
    case kBoolType:
      return value != 0;
    default:
      return value;
  }
}

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Tensor& x = *inputs[0];
  Tensor& y = *outputs[0];
  const int64_t to = node.get_int("to", 0);
  if (y.dtype == DType::kFloat) {
    if (x.dtype == DType::kFloat) y.f = x.f;
    for (size_t i = 0; i < x.i.size(); ++i) y.f[i] = static_cast<float>(x.i[i]);
  } else {
    for (size_t i = 0; i < x.i.size(); ++i) y.i[i] = narrow(x.i[i], to);
    for (size_t i = 0; i < x.f.size(); ++i) {
      y.i[i] = to == kBoolType ? x.f[i] != 0 : narrow(truncate(x.f[i]), to);
    }
  }
}

std::string float_only(const Graph& graph, const Node& node) {
  const bool floats =
      is_float(node.get_int("to", 0)) && input_value(graph, node, 0).dtype == DType::kFloat;
  return floats ? "" : "Cast between floats and integers";
}

}  // namespace

const OpDef kOpCast = {"Cast", leave, check, infer, run, float_only};

}  // namespace weq::convert
