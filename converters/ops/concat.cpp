// Concat of one or more tensors of one type. Canonical attribute: axis (>= 0).
#include <limits>

#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"

namespace weq::convert {
namespace {

std::string check(const Graph& graph, const Node& node) {
  return arity(graph, node, 1, std::numeric_limits<size_t>::max());
}

void infer(Graph& graph, Node& node) {
  const Value& first = input_value(graph, node, 0);
  Shape shape = first.shape;
  const size_t axis = resolve_axis(node, node.get_int("axis", 1), shape.size());
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    const Value& other = input_value(graph, node, i);
    bool fits = other.dtype == first.dtype && other.shape.size() == shape.size();
    for (size_t d = 0; fits && d < shape.size(); ++d) {
      fits = d == axis || other.shape[d] == shape[d];
    }
    if (!fits) {
      fail(node, "inputs " + first.name + " " + to_string(first.shape) + " and " + other.name +
                     " " + to_string(other.shape) + " do not fit; check the input shape");
    }
    shape[axis] += other.shape[axis];
  }
  node.attributes["axis"] = static_cast<int64_t>(axis);
  set_output(graph, node, 0, std::move(shape), first.dtype);
}

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  Tensor* y = outputs[0];
  const auto axis = static_cast<size_t>(node.get_int("axis", 0));
  const int64_t outer = product(y->shape, 0, axis);
  const int64_t row = product(y->shape, axis, y->shape.size());
  int64_t at = 0;
  for (const Tensor* input : inputs) {
    const int64_t count = product(input->shape, axis, input->shape.size());
    with_storage(*input, y, [&](const auto* from, auto* to) {
      for (int64_t o = 0; o < outer; ++o) {
        std::copy_n(from + o * count, count, to + o * row + at);
      }
    });
    at += count;
  }
}

}  // namespace

const OpDef kOpConcat = {"Concat", leave, check, infer, run, accept};

}  // namespace weq::convert
