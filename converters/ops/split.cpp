// Split. Canonical attributes: axis (>= 0), split (the size of each output). Sizes moved from
// attribute to input with opset 13; opset 18 added num_outputs, with a smaller last part.
#include <limits>

#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"

namespace weq::convert {
namespace {

void normalize(Graph& graph, Node& node) {
  default_int(node, "axis", 0);
  take_ints(graph, node, 1, "split");
}

std::string check(const Graph& graph, const Node& node) {
  const std::string inputs = arity(graph, node, 1, 2, std::numeric_limits<size_t>::max());
  return inputs.empty() ? computed(node, 1, "sizes") : inputs;
}

void infer(Graph& graph, Node& node) {
  const Value& x = input_value(graph, node, 0);
  if (has_input(node, 1)) fail(node, computed(node, 1, "sizes"));
  const Shape shape = x.shape;
  const DType dtype = x.dtype;
  const size_t axis = resolve_axis(node, node.get_int("axis", 0), shape.size());
  const auto parts = static_cast<int64_t>(node.outputs.size());
  auto sizes = node.get_ints("split");
  if (sizes.empty()) {
    const bool even = shape[axis] % parts == 0;
    if (!even && !node.has("num_outputs")) {
      fail(node, "axis of " + std::to_string(shape[axis]) + " does not split into " +
                     std::to_string(parts) + " equal parts; name the sizes");
    }
    const int64_t size = (shape[axis] + parts - 1) / parts;
    for (int64_t rest = shape[axis]; static_cast<int64_t>(sizes.size()) < parts; rest -= size) {
      sizes.push_back(std::max<int64_t>(0, std::min(size, rest)));
    }
  }
  int64_t sum = 0;
  for (const int64_t size : sizes) sum += size < 0 ? shape[axis] + 1 : size;
  if (sum != shape[axis] || static_cast<int64_t>(sizes.size()) != parts) {
    fail(node, "the sizes of Split do not add up to " + std::to_string(shape[axis]) +
                   "; check the input shape");
  }
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    Shape part = shape;
    part[axis] = sizes[i];
    set_output(graph, node, i, std::move(part), dtype);
  }
  node.attributes.erase("num_outputs");
  node.attributes["axis"] = static_cast<int64_t>(axis);
  node.attributes["split"] = std::move(sizes);
}

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Tensor& x = *inputs[0];
  const auto axis = static_cast<size_t>(node.get_int("axis", 0));
  const auto sizes = node.get_ints("split");
  const int64_t outer = product(x.shape, 0, axis);
  const int64_t row = product(x.shape, axis, x.shape.size());
  const int64_t inner = product(x.shape, axis + 1, x.shape.size());
  int64_t at = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const int64_t count = sizes[i] * inner;
    if (outputs[i] != nullptr) {
      with_storage(x, outputs[i], [&](const auto* from, auto* to) {
        for (int64_t o = 0; o < outer; ++o) {
          std::copy_n(from + o * row + at, count, to + o * count);
        }
      });
    }
    at += count;
  }
}

}  // namespace

const OpDef kOpSplit = {"Split", normalize, check, infer, run, accept};

}  // namespace weq::convert
