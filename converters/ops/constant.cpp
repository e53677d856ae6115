// Constant, ConstantOfShape and Range: they fold. Canonical attribute of Constant and
// ConstantOfShape: value (a tensor); the shape of ConstantOfShape: shape.
#include <cmath>

#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"

namespace weq::convert {
namespace {

using Inputs = std::vector<const Tensor*>;
using Outputs = std::vector<Tensor*>;
using State = std::shared_ptr<void>*;
using TensorPtr = std::shared_ptr<const Tensor>;

constexpr int64_t kMostElements = int64_t{1} << 28;

const Tensor& value_of(const Node& node) {
  const auto found = node.attributes.find("value");
  const TensorPtr* tensor =
      found == node.attributes.end() ? nullptr : std::get_if<TensorPtr>(&found->second);
  if (tensor == nullptr || *tensor == nullptr) {
    fail(node, node.op + " without a numeric value (strings and sparse tensors are not supported)");
  }
  return **tensor;
}

void set_value(Node& node, Tensor tensor) {
  node.attributes["value"] = std::make_shared<const Tensor>(std::move(tensor));
}

void normalize_constant(Graph&, Node& node) {
  if (node.has("value_float")) {
    set_value(node, {DType::kFloat, {}, {node.get_float("value_float", 0)}, {}});
  } else if (node.has("value_int")) {
    set_value(node, {DType::kInt64, {}, {}, {node.get_int("value_int", 0)}});
  } else if (node.has("value_floats")) {
    const auto values = node.get_floats("value_floats");
    set_value(node, {DType::kFloat, {static_cast<int64_t>(values.size())}, values, {}});
  } else if (node.has("value_ints")) {
    const auto values = node.get_ints("value_ints");
    set_value(node, {DType::kInt64, {static_cast<int64_t>(values.size())}, {}, values});
  }
  for (const char* key : {"value_float", "value_int", "value_floats", "value_ints"}) {
    node.attributes.erase(key);
  }
}

void infer_constant(Graph& graph, Node& node) {
  const Tensor& value = value_of(node);
  set_output(graph, node, 0, value.shape, value.dtype);
}

void run_constant(const Node& node, const Inputs&, const Outputs& outputs, State) {
  *outputs[0] = value_of(node);
}

std::string check_constant(const Graph& graph, const Node& node) {
  if (!node.has("value")) {
    return "Constant without a numeric value (strings and sparse tensors are not supported); "
           "export the model with dense numbers";
  }
  return arity(graph, node, 0, 0);
}

void normalize_filled(Graph& graph, Node& node) {
  take_ints(graph, node, 0, "shape");
  if (!node.has("value")) set_value(node, {DType::kFloat, {1}, {0.0f}, {}});
}

std::string check_filled(const Graph& graph, const Node& node) {
  const std::string inputs = arity(graph, node, 0, 1);
  return inputs.empty() ? computed(node, 0, "shape") : inputs;
}

void infer_filled(Graph& graph, Node& node) {
  if (!node.has("shape")) fail(node, computed(node, 0, "shape"));
  const Shape shape = node.get_ints("shape");
  const Tensor& value = value_of(node);
  int64_t count = element_count(value.shape) == 1 ? 1 : kMostElements + 1;
  for (const int64_t size : shape) {
    if (size < 0 || (size > 0 && count > kMostElements / size)) count = kMostElements + 1;
    if (count <= kMostElements) count *= size;
  }
  if (count > kMostElements) {
    fail(node, "ConstantOfShape of " + to_string(shape) + " is too large; check the input shape");
  }
  set_output(graph, node, 0, shape, value.dtype);
}

void run_filled(const Node& node, const Inputs&, const Outputs& outputs, State) {
  with_storage(value_of(node), outputs[0], [&](const auto* value, auto* y) {
    std::fill_n(y, element_count(outputs[0]->shape), *value);
  });
}

// Its length depends on values, which only folding knows: `infer` reads the constants.
void infer_range(Graph& graph, Node& node) {
  const Tensor* bounds[3];
  for (size_t i = 0; i < 3; ++i) {
    input_value(graph, node, i);
    bounds[i] = graph.constant(node.inputs[i]);
    if (bounds[i] == nullptr || element_count(bounds[i]->shape) != 1) {
      fail(node, computed(node, i, "bounds"));
    }
  }
  const bool floats = bounds[0]->dtype == DType::kFloat;
  double number[3];
  for (size_t i = 0; i < 3; ++i) {
    if ((bounds[i]->dtype == DType::kFloat) != floats) fail(node, "bounds of different types");
    number[i] =
        floats ? static_cast<double>(bounds[i]->f[0]) : static_cast<double>(bounds[i]->i[0]);
  }
  const double count = std::ceil((number[1] - number[0]) / number[2]);
  if (!(count <= static_cast<double>(kMostElements))) {
    fail(node, "Range is too long; check the input shape");
  }
  set_output(graph, node, 0, {count > 0 ? static_cast<int64_t>(count) : 0}, bounds[0]->dtype);
}

void run_range(const Node&, const Inputs& inputs, const Outputs& outputs, State) {
  Tensor* y = outputs[0];
  for (int64_t i = 0; i < y->shape[0]; ++i) {
    if (y->dtype == DType::kFloat) {
      y->f[static_cast<size_t>(i)] = inputs[0]->f[0] + static_cast<float>(i) * inputs[2]->f[0];
    } else {
      y->i[static_cast<size_t>(i)] = inputs[0]->i[0] + i * inputs[2]->i[0];
    }
  }
}

}  // namespace

const OpDef kOpConstant = {"Constant",     normalize_constant, check_constant,
                           infer_constant, run_constant,       accept};
const OpDef kOpConstantOfShape = {"ConstantOfShape", normalize_filled, check_filled,
                                  infer_filled,      run_filled,       accept};
const OpDef kOpRange = {"Range", leave, only_folded, infer_range, run_range, only_folded};

}  // namespace weq::convert
