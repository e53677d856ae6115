// Operators that only change the shape: Reshape, Flatten, Squeeze, Unsqueeze, Identity, Dropout.
// Canonical attributes: Reshape: shape (0 copies, one -1). Flatten: axis (>= 0). Squeeze,
// Unsqueeze: axes (>= 0, ascending; those of Unsqueeze in the output). Axes moved from attribute to
// input with opset 13.
#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"

namespace weq::convert {
namespace {

using Inputs = std::vector<const Tensor*>;
using Outputs = std::vector<Tensor*>;

void run_copy(const Node&, const Inputs& inputs, const Outputs& outputs, std::shared_ptr<void>*) {
  outputs[0]->f = inputs[0]->f;
  outputs[0]->i = inputs[0]->i;
}

void set_reshaped(Graph& graph, const Node& node, Shape shape) {
  const Value& x = input_value(graph, node, 0);
  if (element_count(shape) != element_count(x.shape)) {
    fail(node, node.op + " of " + to_string(x.shape) + " to " + to_string(shape) +
                   " changes the number of elements; check the input shape");
  }
  set_output(graph, node, 0, std::move(shape), x.dtype);
}

void normalize_reshape(Graph& graph, Node& node) { take_ints(graph, node, 1, "shape"); }

std::string check_reshape(const Graph& graph, const Node& node) {
  const std::string inputs = arity(graph, node, 1, 2);
  return inputs.empty() ? computed(node, 1, "shape") : inputs;
}

void infer_reshape(Graph& graph, Node& node) {
  const Shape& x = input_shape(graph, node, 0);
  if (has_input(node, 1)) fail(node, computed(node, 1, "shape"));
  if (!node.has("shape")) fail(node, "Reshape without a shape; export the model again");
  Shape shape = node.get_ints("shape");
  // With allowzero a 0 is a size, and means an empty tensor; without one the attribute says
  // nothing.
  const bool copies = node.get_int("allowzero", 0) == 0;
  int64_t known = 1;
  int unknown = -1;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && copies) {
      if (i >= x.size()) fail(node, "Reshape copies an axis that the input lacks");
      shape[i] = x[i];
    }
    if (shape[i] == -1 && unknown < 0) {
      unknown = static_cast<int>(i);
    } else if (shape[i] < 0) {
      fail(node, "Reshape to " + to_string(shape) + "; export the model again");
    } else {
      known *= shape[i];
    }
  }
  if (unknown >= 0) shape[static_cast<size_t>(unknown)] = known == 0 ? 0 : element_count(x) / known;
  bool zero = false;
  for (const int64_t size : node.get_ints("shape")) zero = zero || size == 0;
  if (!zero) node.attributes.erase("allowzero");
  set_reshaped(graph, node, std::move(shape));
}

void infer_flatten(Graph& graph, Node& node) {
  const Shape& x = input_shape(graph, node, 0);
  const int64_t given = node.get_int("axis", 1);
  const size_t axis =
      given == static_cast<int64_t>(x.size()) ? x.size() : resolve_axis(node, given, x.size());
  node.attributes["axis"] = static_cast<int64_t>(axis);
  set_reshaped(graph, node, {product(x, 0, axis), product(x, axis, x.size())});
}

void normalize_axes(Graph& graph, Node& node) { take_ints(graph, node, 1, "axes"); }

std::string check_axes(const Graph& graph, const Node& node) {
  const std::string inputs = arity(graph, node, 1, 2);
  return inputs.empty() ? computed(node, 1, "axes") : inputs;
}

void infer_squeeze(Graph& graph, Node& node) {
  const Value& x = input_value(graph, node, 0);
  if (has_input(node, 1)) fail(node, computed(node, 1, "axes"));
  std::vector<int64_t> axes = resolve_axes(node, node.get_ints("axes"), x.shape.size());
  if (axes.empty()) {
    // All axes of size 1, but never the batch, which happens to be 1 here.
    for (size_t i = x.batched ? 1 : 0; i < x.shape.size(); ++i) {
      if (x.shape[i] == 1) axes.push_back(static_cast<int64_t>(i));
    }
  }
  Shape y;
  for (size_t i = 0, next = 0; i < x.shape.size(); ++i) {
    const bool gone = next < axes.size() && axes[next] == static_cast<int64_t>(i);
    if (!gone) {
      y.push_back(x.shape[i]);
      continue;
    }
    ++next;
    if (x.shape[i] != 1) {
      fail(node, "Squeeze of axis " + std::to_string(i) + " of " + to_string(x.shape) +
                     ", which is not 1; check the input shape");
    }
  }
  node.attributes["axes"] = std::move(axes);
  set_reshaped(graph, node, std::move(y));
}

void infer_unsqueeze(Graph& graph, Node& node) {
  const Shape& x = input_shape(graph, node, 0);
  if (has_input(node, 1)) fail(node, computed(node, 1, "axes"));
  const size_t rank = x.size() + node.get_ints("axes").size();
  std::vector<int64_t> axes = resolve_axes(node, node.get_ints("axes"), rank);
  Shape y;
  for (size_t i = 0, next = 0; i < rank; ++i) {
    const bool added = next < axes.size() && axes[next] == static_cast<int64_t>(i);
    if (added) ++next;
    y.push_back(added ? 1 : x[i - next]);
  }
  node.attributes["axes"] = std::move(axes);
  set_reshaped(graph, node, std::move(y));
}

// Inference only: a copy. Ratio and training_mode are dropped.
void normalize_dropout(Graph& graph, Node& node) {
  take_float(graph, node, 1, "ratio");
  if (node.inputs.size() > 1) take_int(graph, node, node.inputs.size() - 1, "training_mode");
}

std::string check_dropout(const Graph& graph, const Node& node) {
  if (node.get_int("training_mode", 0) != 0) {
    return "Dropout in training mode; export the model for inference";
  }
  return arity(graph, node, 1, 3);
}

void infer_dropout(Graph& graph, Node& node) {
  require(node, check_dropout(graph, node));
  const Value& x = input_value(graph, node, 0);
  set_output(graph, node, 0, x.shape, x.dtype);
}

}  // namespace

const OpDef kOpReshape = {"Reshape",     normalize_reshape, check_reshape,
                          infer_reshape, run_copy,          accept};
const OpDef kOpFlatten = {"Flatten", leave, check_unary, infer_flatten, run_copy, accept};
const OpDef kOpSqueeze = {"Squeeze", normalize_axes, check_axes, infer_squeeze, run_copy, accept};
const OpDef kOpUnsqueeze = {"Unsqueeze",     normalize_axes, check_axes,
                            infer_unsqueeze, run_copy,       accept};
const OpDef kOpIdentity = {"Identity", leave, check_unary, infer_same, run_copy, accept};
const OpDef kOpDropout = {"Dropout",     normalize_dropout, check_dropout,
                          infer_dropout, run_copy,          accept};

}  // namespace weq::convert
