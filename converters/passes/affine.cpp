#include "converters/passes/affine.h"

#include <cmath>

namespace weq::convert {
namespace {

std::optional<Affine> batchnorm_affine(const Graph& graph, const Node& node, size_t channels) {
  const Tensor* terms[4];
  for (size_t i = 0; i < 4; ++i) {
    terms[i] = node.inputs.size() > i + 1 ? graph.constant(node.inputs[i + 1]) : nullptr;
    if (terms[i] == nullptr || terms[i]->f.size() != channels) return std::nullopt;
  }
  const double epsilon = node.get_float("epsilon", 1e-5F);
  Affine affine{node.inputs[0], {}, {}};
  for (size_t c = 0; c < channels; ++c) {
    const double scale = terms[0]->f[c] / std::sqrt(terms[3]->f[c] + epsilon);
    affine.scale.push_back(static_cast<float>(scale));
    affine.shift.push_back(static_cast<float>(terms[1]->f[c] - terms[2]->f[c] * scale));
  }
  return affine;
}

bool has_zero(const std::vector<float>& data) {
  for (float value : data)
    if (value == 0) return true;
  return false;
}

}  // namespace

std::optional<std::vector<float>> per_channel(const Tensor& constant, const Shape& shape) {
  if (constant.dtype != DType::kFloat || shape.size() < 2) return std::nullopt;
  const size_t rank = constant.shape.size();
  if (rank > shape.size()) return std::nullopt;
  const auto channels = static_cast<size_t>(shape[1]);
  if (constant.f.size() == 1) return std::vector<float>(channels, constant.f[0]);
  for (size_t i = 0; i < rank; ++i) {
    const size_t axis = i + shape.size() - rank;
    if (constant.shape[i] != (axis == 1 ? shape[1] : 1)) return std::nullopt;
  }
  if (constant.f.size() != channels) return std::nullopt;
  return constant.f;
}

std::optional<Affine> as_affine(const Graph& graph, const Node& node) {
  if (node.has("activation") || node.inputs.empty() || node.inputs[0] == kNoValue)
    return std::nullopt;
  if (node.op == "BatchNormalization") {
    const Shape& shape = graph.value(node.inputs[0]).shape;
    if (shape.size() < 2) return std::nullopt;
    return batchnorm_affine(graph, node, static_cast<size_t>(shape[1]));
  }
  const bool add = node.op == "Add", sub = node.op == "Sub";
  const bool mul = node.op == "Mul", div = node.op == "Div";
  if ((!add && !sub && !mul && !div) || node.inputs.size() != 2) return std::nullopt;
  const bool constant_first = graph.constant(node.inputs[0]) != nullptr;
  const Tensor* constant = graph.constant(node.inputs[constant_first ? 0 : 1]);
  const ValueId input = node.inputs[constant_first ? 1 : 0];
  if (constant == nullptr || graph.constant(input) != nullptr) return std::nullopt;
  const Value& value = graph.value(input);
  if (value.dtype != DType::kFloat) return std::nullopt;
  std::optional<std::vector<float>> numbers = per_channel(*constant, value.shape);
  if (!numbers || (div && (constant_first || has_zero(*numbers)))) return std::nullopt;

  const size_t channels = numbers->size();
  const float sign = sub && constant_first ? -1.0F : 1.0F;
  Affine affine{input, std::vector<float>(channels, sign), std::vector<float>(channels, 0.0F)};
  for (size_t c = 0; c < channels; ++c) {
    const float number = (*numbers)[c];
    if (mul) affine.scale[c] = number;
    if (div) affine.scale[c] = 1.0F / number;
    if (add || (sub && constant_first)) affine.shift[c] = number;
    if (sub && !constant_first) affine.shift[c] = -number;
  }
  return affine;
}

}  // namespace weq::convert
