// Transpose. Canonical attribute: perm (output axis i is input axis perm[i]).
#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"

namespace weq::convert {
namespace {

void infer(Graph& graph, Node& node) {
  const Value& x = input_value(graph, node, 0);
  const size_t rank = x.shape.size();
  std::vector<int64_t> perm = node.get_ints("perm");
  if (perm.empty()) {
    for (size_t i = rank; i-- > 0;) perm.push_back(static_cast<int64_t>(i));
  }
  if (perm.size() != rank) fail(node, "perm does not fit an input of rank " + std::to_string(rank));
  resolve_axes(node, perm, rank);  // refuses what is no permutation
  Shape y;
  for (int64_t& axis : perm) {
    axis = static_cast<int64_t>(resolve_axis(node, axis, rank));
    y.push_back(x.shape[static_cast<size_t>(axis)]);
  }
  node.attributes["perm"] = std::move(perm);
  set_output(graph, node, 0, std::move(y), x.dtype);
}

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Tensor& x = *inputs[0];
  Tensor* y = outputs[0];
  const std::vector<int64_t> strides = row_strides(x.shape);
  std::vector<int64_t> from_strides;
  for (const int64_t axis : node.get_ints("perm")) {
    from_strides.push_back(strides[static_cast<size_t>(axis)]);
  }
  with_storage(x, y, [&](const auto* from, auto* to) {
    copy_strided(y->shape, from, from_strides, to, row_strides(y->shape));
  });
}

}  // namespace

const OpDef kOpTranspose = {"Transpose", leave, check_unary, infer, run, accept};

}  // namespace weq::convert
