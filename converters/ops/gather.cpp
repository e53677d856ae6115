// Gather. Inputs: data, indices (integers; negative ones count from the end). Canonical attribute:
// axis (>= 0).
#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"

namespace weq::convert {
namespace {

void infer(Graph& graph, Node& node) {
  const Value& x = input_value(graph, node, 0);
  const Value& indices = input_value(graph, node, 1);
  if (indices.dtype == DType::kFloat) {
    fail(node, "indices of Gather must be integers; cast them");
  }
  const size_t axis = resolve_axis(node, node.get_int("axis", 0), x.shape.size());
  const auto at = static_cast<int64_t>(axis);
  Shape y(x.shape.begin(), x.shape.begin() + at);
  y.insert(y.end(), indices.shape.begin(), indices.shape.end());
  y.insert(y.end(), x.shape.begin() + at + 1, x.shape.end());
  node.attributes["axis"] = at;
  set_output(graph, node, 0, std::move(y), x.dtype);
}

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Tensor& x = *inputs[0];
  const auto axis = static_cast<size_t>(node.get_int("axis", 0));
  const int64_t outer = product(x.shape, 0, axis);
  const int64_t inner = product(x.shape, axis + 1, x.shape.size());
  const int64_t size = x.shape[axis];
  with_storage(x, outputs[0], [&](const auto* from, auto* to) {
    for (int64_t o = 0; o < outer; ++o) {
      for (const int64_t index : inputs[1]->i) {
        if (index < -size || index >= size) {
          fail(node, "index " + std::to_string(index) + " is outside of an axis of " +
                         std::to_string(size) + "; check the inputs");
        }
        const int64_t at = index < 0 ? index + size : index;
        to = std::copy_n(from + (o * size + at) * inner, inner, to);
      }
    }
  });
}

std::string float_only(const Graph& graph, const Node& node) {
  if (!is_constant_input(graph, node, 1)) return "Gather by indices that are computed at run time";
  return input_shape(graph, node, 1).size() <= 1 ? "" : "Gather by indices of rank above 1";
}

}  // namespace

const OpDef kOpGather = {"Gather", leave, check_binary, infer, run, float_only};

}  // namespace weq::convert
