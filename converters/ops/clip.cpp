// Clip. Canonical: attributes `min`, `max` (infinite where open); bounds that are computed at run
// time stay inputs 1 and 2. Opset 11 moved the bounds from attributes to inputs.
#include <limits>

#include "converters/ops/list.h"
#include "converters/ops/unary.h"

namespace weq::convert {
namespace {

// Integer bounds stay inputs: a float cannot hold them all.
bool is_float_input(const Graph& graph, const Node& node, size_t index) {
  return is_constant_input(graph, node, index) &&
         graph.value(node.inputs[index]).dtype == DType::kFloat;
}

void normalize(Graph& graph, Node& node) {
  if (is_float_input(graph, node, 2)) take_float(graph, node, 2, "max");
  if (is_float_input(graph, node, 1)) take_float(graph, node, 1, "min");
  if (!has_input(node, 1)) {
    default_float(node, "min", -std::numeric_limits<float>::infinity());
  }
  if (!has_input(node, 2)) {
    default_float(node, "max", std::numeric_limits<float>::infinity());
  }
}

std::string check(const Graph& graph, const Node& node) { return arity(graph, node, 1, 3); }

template <class T>
void clamp(const std::vector<T>& x, const T* low, const T* high, std::vector<T>& y) {
  for (size_t i = 0; i < x.size(); ++i) {
    T value = x[i];
    if (low != nullptr && value < *low) value = *low;
    if (high != nullptr && value > *high) value = *high;
    y[i] = value;
  }
}

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Tensor* low = inputs.size() > 1 ? inputs[1] : nullptr;
  const Tensor* high = inputs.size() > 2 ? inputs[2] : nullptr;
  if (inputs[0]->dtype == DType::kFloat) {
    const float min = low ? low->f[0] : node.get_float("min", 0);
    const float max = high ? high->f[0] : node.get_float("max", 0);
    clamp(inputs[0]->f, &min, &max, outputs[0]->f);
  } else {
    clamp(inputs[0]->i, low ? low->i.data() : nullptr, high ? high->i.data() : nullptr,
          outputs[0]->i);
  }
}

void infer(Graph& graph, Node& node) {
  infer_same(graph, node);
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    if (!has_input(node, i)) continue;
    const Value& bound = input_value(graph, node, i);
    if (bound.dtype != input_value(graph, node, 0).dtype || element_count(bound.shape) != 1) {
      fail(node, "a bound of Clip must be one number of the input's type");
    }
  }
}

std::string float_only(const Graph&, const Node& node) {
  return has_input(node, 1) || has_input(node, 2)
             ? "Clip with bounds that are computed at run time; make them constant"
             : "";
}

}  // namespace

const OpDef kOpClip = {"Clip", normalize, check, infer, run, float_only};

}  // namespace weq::convert
