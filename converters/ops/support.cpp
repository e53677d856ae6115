#include "converters/ops/support.h"

#include <algorithm>

namespace weq::convert {

void fail(const Node& node, const std::string& text) {
  throw ConvertError("layer " + node.name + ": " + text);
}

void require(const Node& node, const std::string& reason) {
  if (!reason.empty()) fail(node, reason);
}

bool has_input(const Node& node, size_t index) {
  return index < node.inputs.size() && node.inputs[index] != kNoValue;
}

const Value& input_value(const Graph& graph, const Node& node, size_t index) {
  if (!has_input(node, index)) {
    fail(node, node.op + " lacks its input " + std::to_string(index) + "; export the model again");
  }
  return graph.value(node.inputs[index]);
}

const Shape& input_shape(const Graph& graph, const Node& node, size_t index) {
  return input_value(graph, node, index).shape;
}

const Shape& float_input(const Graph& graph, const Node& node, size_t index) {
  const Value& value = input_value(graph, node, index);
  if (value.dtype != DType::kFloat) {
    fail(node, node.op + " of integers (" + value.name + ") is not supported; cast it to float");
  }
  return value.shape;
}

bool is_constant_input(const Graph& graph, const Node& node, size_t index) {
  return has_input(node, index) && graph.constant(node.inputs[index]) != nullptr;
}

void set_output(Graph& graph, const Node& node, size_t index, Shape shape, DType dtype) {
  if (index >= node.outputs.size() || node.outputs[index] == kNoValue) return;
  Value& value = graph.value(node.outputs[index]);
  value.shape = std::move(shape);
  value.dtype = dtype;
}

size_t resolve_axis(const Node& node, int64_t axis, size_t rank) {
  const auto count = static_cast<int64_t>(rank);
  if (axis < -count || axis >= count) {
    fail(node, "axis " + std::to_string(axis) + " of a tensor of rank " + std::to_string(rank) +
                   "; export the model again");
  }
  return static_cast<size_t>(axis < 0 ? axis + count : axis);
}

std::vector<int64_t> resolve_axes(const Node& node, const std::vector<int64_t>& axes, size_t rank) {
  std::vector<int64_t> result;
  for (const int64_t axis : axes) {
    result.push_back(static_cast<int64_t>(resolve_axis(node, axis, rank)));
  }
  std::sort(result.begin(), result.end());
  if (std::adjacent_find(result.begin(), result.end()) != result.end()) {
    fail(node, "an axis is named twice; export the model again");
  }
  return result;
}

Shape broadcast_shapes(const Node& node, const Shape& a, const Shape& b) {
  const size_t rank = std::max(a.size(), b.size());
  Shape result(rank);
  for (size_t i = 0; i < rank; ++i) {
    const int64_t da = i + a.size() < rank ? 1 : a[i + a.size() - rank];
    const int64_t db = i + b.size() < rank ? 1 : b[i + b.size() - rank];
    if (da != db && da != 1 && db != 1) {
      fail(node, "shapes " + to_string(a) + " and " + to_string(b) +
                     " do not broadcast; check the input shape");
    }
    result[i] = da == 1 ? db : da;
  }
  return result;
}

std::vector<int64_t> row_strides(const Shape& shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= shape[i];
  }
  return strides;
}

int64_t product(const Shape& shape, size_t begin, size_t end) {
  int64_t result = 1;
  for (size_t i = begin; i < end; ++i) result *= shape[i];
  return result;
}

namespace {

// The constant at input `index`, which is then left out; null where there is none.
std::shared_ptr<const Tensor> take(const Graph& graph, Node& node, size_t index) {
  if (!is_constant_input(graph, node, index)) return nullptr;
  std::shared_ptr<const Tensor> constant = graph.value(node.inputs[index]).constant;
  node.inputs[index] = kNoValue;
  while (!node.inputs.empty() && node.inputs.back() == kNoValue) node.inputs.pop_back();
  return constant;
}

}  // namespace

void take_ints(const Graph& graph, Node& node, size_t index, const std::string& key) {
  if (const auto constant = take(graph, node, index)) {
    std::vector<int64_t> ints = constant->i;
    for (const float value : constant->f) ints.push_back(static_cast<int64_t>(value));
    node.attributes[key] = std::move(ints);
  }
}

void take_floats(const Graph& graph, Node& node, size_t index, const std::string& key) {
  if (const auto constant = take(graph, node, index)) {
    std::vector<float> floats = constant->f;
    for (const int64_t value : constant->i) floats.push_back(static_cast<float>(value));
    node.attributes[key] = std::move(floats);
  }
}

void take_float(const Graph& graph, Node& node, size_t index, const std::string& key) {
  if (const auto constant = take(graph, node, index)) {
    if (element_count(constant->shape) != 1) fail(node, key + " must be one number");
    node.attributes[key] =
        constant->dtype == DType::kFloat ? constant->f[0] : static_cast<float>(constant->i[0]);
  }
}

void take_int(const Graph& graph, Node& node, size_t index, const std::string& key) {
  if (const auto constant = take(graph, node, index)) {
    if (element_count(constant->shape) != 1 || constant->i.empty()) {
      fail(node, key + " must be one integer; export the model again");
    }
    node.attributes[key] = constant->i[0];
  }
}

void default_int(Node& node, const std::string& key, int64_t value) {
  if (!node.has(key)) node.attributes[key] = value;
}

void default_float(Node& node, const std::string& key, float value) {
  if (!node.has(key)) node.attributes[key] = value;
}

std::string arity(const Graph& graph, const Node& node, size_t min, size_t max, size_t outputs) {
  const size_t count = node.inputs.size();
  if (count < min || count > max) {
    return node.op + " has " + std::to_string(count) + " inputs, not " + std::to_string(min) +
           (max == min ? "" : " to " + std::to_string(max)) + "; export the model again";
  }
  for (size_t i = 0; i < min; ++i) {
    if (node.inputs[i] == kNoValue) {
      return node.op + " lacks its input " + std::to_string(i) + "; export the model again";
    }
  }
  for (size_t i = outputs; i < node.outputs.size(); ++i) {
    const ValueId id = node.outputs[i];
    if (id != kNoValue && (graph.is_output(id) || !graph.consumers(id).empty())) {
      return "output " + std::to_string(i) + " of " + node.op +
             " is not supported; remove what reads it";
    }
  }
  return "";
}

std::string computed(const Node& node, size_t index, const std::string& what) {
  if (!has_input(node, index)) return "";
  return "its " + what + " are computed at run time; fix the input shape (--input-shape) or make " +
         what + " constant";
}

std::string only_folded(const Graph&, const Node& node) {
  return node.op +
         " is supported only where it folds to a constant; fix the input shape (--input-shape) or "
         "export the model without it";
}

void leave(Graph&, Node&) {}
std::string accept(const Graph&, const Node&) { return ""; }
std::string check_unary(const Graph& graph, const Node& node) { return arity(graph, node, 1, 1); }
std::string check_binary(const Graph& graph, const Node& node) { return arity(graph, node, 2, 2); }

void infer_same(Graph& graph, Node& node) {
  const Value& input = input_value(graph, node, 0);
  set_output(graph, node, 0, input.shape, input.dtype);
}

void infer_same_float(Graph& graph, Node& node) {
  set_output(graph, node, 0, float_input(graph, node, 0));
}

}  // namespace weq::convert
