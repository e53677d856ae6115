#include "converters/lower/lowering.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdlib>

#include "converters/walk/activation_inverse.h"
#include "kernels/level_map.h"

namespace weq::convert {
namespace {

constexpr int kConstantBits = 8;

format::QuantizerKind file_kind(CodeKind kind) {
  switch (kind) {
    case CodeKind::kLinear:
      return format::QuantizerKind::Linear;
    case CodeKind::kLog:
      return format::QuantizerKind::Log;
    case CodeKind::kSignedLog:
      return format::QuantizerKind::SignedLog;
    case CodeKind::kFree:
      return format::QuantizerKind::Free;
  }
  return format::QuantizerKind::Free;
}

// Thresholds as equidistant ones between ends that are always or never passed, or null.
std::unique_ptr<format::LinearThresholdsT> in_short(const std::vector<int32_t>& thresholds) {
  const auto from =
      std::find_if(thresholds.begin(), thresholds.end(), [](int32_t t) { return t != INT32_MIN; });
  const auto to = std::find(from, thresholds.end(), INT32_MAX);
  auto linear = std::make_unique<format::LinearThresholdsT>();
  linear->low = static_cast<uint8_t>(from - thresholds.begin());
  linear->high = static_cast<uint8_t>(to - thresholds.begin());
  if (from == to) return linear;
  int64_t step = 1;
  if (to - from > 1) step = int64_t{from[1]} - from[0];
  while ((int64_t{1} << linear->shift) < step && linear->shift < 30) ++linear->shift;
  const int64_t round = ((int64_t{linear->low} + 1) << linear->shift) - *from;
  if (round < INT32_MIN || round > INT32_MAX) return nullptr;
  linear->round = static_cast<int32_t>(round);
  for (auto at = from; at != to; ++at) {
    const int64_t k = at - thresholds.begin() + 1;
    if ((k << linear->shift) - round != *at) return nullptr;
  }
  return linear;
}

// [a, b, c...] in ONNX order -> channels last, for data of any rank.
std::vector<float> to_channels_last(const Tensor& tensor) {
  const size_t rank = tensor.shape.size();
  if (rank < 3) return tensor.f;
  const size_t batch = static_cast<size_t>(tensor.shape[0]);
  const size_t channels = static_cast<size_t>(tensor.shape[1]);
  const size_t area = tensor.f.size() / std::max<size_t>(1, batch * channels);
  std::vector<float> result(tensor.f.size());
  for (size_t n = 0; n < batch; ++n) {
    for (size_t c = 0; c < channels; ++c) {
      for (size_t i = 0; i < area; ++i) {
        result[(n * area + i) * channels + c] = tensor.f[(n * channels + c) * area + i];
      }
    }
  }
  return result;
}

}  // namespace

int physical_axis(int64_t axis, size_t rank) {
  if (rank < 3 || axis == 0) return static_cast<int>(axis);
  return static_cast<int>(axis == 1 ? static_cast<int64_t>(rank) - 1 : axis - 1);
}

std::vector<int> to_physical(const Shape& per_axis) {
  std::vector<int> result(per_axis.size());
  for (size_t a = 0; a < per_axis.size(); ++a) {
    result[static_cast<size_t>(physical_axis(static_cast<int64_t>(a), per_axis.size()))] =
        static_cast<int>(per_axis[a]);
  }
  return result;
}

kernels::LevelMap level_map(const IntegerCode& code) {
  return kernels::make_level_map(code.levels.data(), static_cast<int32_t>(code.levels.size()),
                                 code.offset, code.code_bytes);
}

uint8_t byte_of_value(const IntegerCode& code, double value) {
  const auto k = std::upper_bound(code.boundaries.begin(), code.boundaries.end(), value) -
                 code.boundaries.begin();
  const int32_t level = code.levels[static_cast<size_t>(k)];
  return static_cast<uint8_t>(code.code_bytes ? k : level + code.offset);
}

std::vector<uint16_t> two(const std::vector<int64_t>& values, int64_t missing) {
  std::vector<uint16_t> result;
  if (values.size() < 2) result.push_back(static_cast<uint16_t>(missing));
  if (values.empty()) result.push_back(static_cast<uint16_t>(missing));
  for (int64_t v : values) result.push_back(static_cast<uint16_t>(v));
  return result;
}

std::vector<uint16_t> four_pads(const std::vector<int64_t>& pads) {
  if (pads.empty()) return {0, 0, 0, 0};
  if (pads.size() == 2)
    return {0, static_cast<uint16_t>(pads[0]), 0, static_cast<uint16_t>(pads[1])};
  return {static_cast<uint16_t>(pads[0]), static_cast<uint16_t>(pads[1]),
          static_cast<uint16_t>(pads[2]), static_cast<uint16_t>(pads[3])};
}

Lowering::Lowering(const Graph& graph, const QuantizationPlan& plan)
    : graph_(graph),
      plan_(plan),
      quantizer_of_class_(static_cast<size_t>(plan.classes.classes), -1) {
  for (ValueId id : graph.inputs) define(id);
}

int Lowering::add_quantizer(const IntegerCode& code) {
  auto quantizer = std::make_unique<format::QuantizerT>();
  quantizer->kind = file_kind(code.kind);
  if (code.kind == CodeKind::kLinear) {
    quantizer->first = code.levels.front();
    quantizer->count = static_cast<uint16_t>(code.levels.size());
  } else {
    quantizer->levels.assign(code.levels.begin(), code.levels.end());
  }
  quantizer->unit = code.unit;
  quantizer->offset = static_cast<uint8_t>(code.offset);
  quantizer->code_bytes = code.code_bytes;
  quantizer->fsr = static_cast<int16_t>(code.fsr);
  quantizer->step = static_cast<int16_t>(code.step);
  quantizer->negative_codes = static_cast<uint8_t>(code.negative_codes);
  if (code.kind != CodeKind::kLinear) {
    quantizer->real_levels.assign(code.real_levels.begin(), code.real_levels.end());
  }
  model_.quantizers.push_back(std::move(quantizer));
  codes_.push_back(code);
  return static_cast<int>(codes_.size()) - 1;
}

int Lowering::add_tensor(const std::string& name, const std::vector<int>& shape,
                         format::TensorType type, int quantizer, float unit) {
  auto tensor = std::make_unique<format::TensorT>();
  tensor->name = name;
  tensor->shape = shape;
  tensor->type = type;
  tensor->quantizer = quantizer;
  tensor->unit = unit;
  model_.tensors.push_back(std::move(tensor));
  return static_cast<int>(model_.tensors.size()) - 1;
}

int Lowering::define(ValueId id, float unit) {
  const Value& value = graph_.value(id);
  const std::vector<int> shape = to_physical(value.shape);
  int tensor = -1;
  switch (storage(id)) {
    case Storage::kUnits:
      tensor = add_tensor(value.name, shape, format::TensorType::Units, -1, unit);
      break;
    case Storage::kFloat:
      tensor = add_tensor(value.name, shape, format::TensorType::Float, -1, 0);
      break;
    case Storage::kBytes: {
      const size_t klass = static_cast<size_t>(plan_.classes.class_of[static_cast<size_t>(id)]);
      int& quantizer = quantizer_of_class_[klass];
      if (quantizer < 0) quantizer = add_quantizer(plan_.codes[klass]);
      tensor = add_tensor(value.name, shape, format::TensorType::Bytes, quantizer, 0);
      break;
    }
    case Storage::kNone:
      throw ConvertError("value " + value.name + " has no storage; this is a defect of weq");
  }
  tensor_of_[id] = tensor;
  return tensor;
}

int Lowering::intermediate(const std::string& name, const std::vector<int>& shape, int like) {
  const format::TensorT& model = *model_.tensors[static_cast<size_t>(like)];
  return add_tensor(name, shape, model.type, model.quantizer, model.unit);
}

int Lowering::store_constant(ValueId id) {
  const Tensor& constant = *graph_.constant(id);
  const int klass = plan_.classes.class_of[static_cast<size_t>(id)];
  int quantizer = -1;
  if (klass >= 0) {
    int& of_class = quantizer_of_class_[static_cast<size_t>(klass)];
    if (of_class < 0) of_class = add_quantizer(plan_.codes[static_cast<size_t>(klass)]);
    quantizer = of_class;
  } else {
    Histogram histogram;
    histogram.add(constant.f.data(), constant.f.size());
    ActivationOptions options;
    options.bits = kConstantBits;
    options.kind = ActivationChoice::kLinear;
    quantizer = add_quantizer(
        integer_code(histogram, choose_activation(histogram, options), IntegerCodeOptions()));
  }
  const int tensor = add_tensor(graph_.value(id).name, to_physical(constant.shape),
                                format::TensorType::Bytes, quantizer, 0);
  const IntegerCode& code = codes_[static_cast<size_t>(quantizer)];
  for (float x : to_channels_last(constant)) {
    model_.tensors.back()->data.push_back(byte_of_value(code, static_cast<double>(x)));
  }
  tensor_of_[id] = tensor;
  return tensor;
}

int Lowering::tensor(ValueId id) {
  const auto found = tensor_of_.find(id);
  if (found != tensor_of_.end()) return found->second;
  if (graph_.constant(id)) return store_constant(id);
  throw ConvertError("value " + graph_.value(id).name +
                     " is read before it is written; this is a defect of weq");
}

void Lowering::add_node(const std::string& name, format::OperatorUnion op,
                        const std::vector<int>& inputs, const std::vector<int>& outputs) {
  auto node = std::make_unique<format::NodeT>();
  node->name = name;
  node->op = std::move(op);
  node->inputs = inputs;
  node->outputs = outputs;
  model_.nodes.push_back(std::move(node));
}

const IntegerCode& Lowering::code(int tensor) const {
  return codes_[static_cast<size_t>(model_.tensors[static_cast<size_t>(tensor)]->quantizer)];
}

LevelRange Lowering::level_range(int tensor) const {
  const IntegerCode& c = code(tensor);
  const int32_t most = std::max(std::abs(c.levels.front()), std::abs(c.levels.back()));
  return {-most, most};
}

double Lowering::unit(int tensor) const {
  const format::TensorT& t = *model_.tensors[static_cast<size_t>(tensor)];
  return static_cast<double>(t.quantizer >= 0 ? code(tensor).unit : t.unit);
}

const IntegerCode& Lowering::code_of_value(ValueId id) const {
  return plan_.codes[static_cast<size_t>(plan_.classes.class_of[static_cast<size_t>(id)])];
}

std::vector<FitOutput> Lowering::fit_outputs(const Node& node) const {
  const ValueId id = node.outputs[0];
  if (storage(id) != Storage::kBytes) return {};
  const IntegerCode& code = code_of_value(id);
  FitOutput output;
  for (double boundary : code.boundaries) {
    output.boundaries.push_back(inverse_activation(node, boundary));
  }
  const std::string activation = node.get_string("activation", "");
  const bool keeps_distances = activation.empty() || activation == "Relu" || activation == "Clip";
  output.linear = code.kind == CodeKind::kLinear && keeps_distances;
  output.unit = static_cast<double>(code.unit);
  output.first = code.levels.front();
  return {output};
}

std::vector<std::unique_ptr<format::RequantizedT>> Lowering::requantized(
    const std::vector<FitThresholds>& fit, size_t outputs) {
  std::vector<std::unique_ptr<format::RequantizedT>> list;
  for (size_t i = 0; i < outputs; ++i) {
    list.push_back(std::make_unique<format::RequantizedT>());
    if (i >= fit.size()) continue;
    list.back()->linear = in_short(fit[i].values);
    if (!list.back()->linear) list.back()->thresholds = fit[i].values;
  }
  return list;
}

}  // namespace weq::convert
