// Comparisons, logic and Where: shape arithmetic, so only where they fold. No attributes.
#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"

namespace weq::convert {
namespace {

void infer_bool(Graph& graph, Node& node) {
  const Value& a = input_value(graph, node, 0);
  const Value& b = input_value(graph, node, 1);
  if ((a.dtype == DType::kFloat) != (b.dtype == DType::kFloat)) {
    fail(node, "inputs " + a.name + " and " + b.name + " are of different types; cast one of them");
  }
  set_output(graph, node, 0, broadcast_shapes(node, a.shape, b.shape), DType::kBool);
}

using Inputs = std::vector<const Tensor*>;
using Outputs = std::vector<Tensor*>;
using State = std::shared_ptr<void>*;

template <class F>
void run_bool(const Node&, const Inputs& inputs, const Outputs& outputs, State) {
  const Tensor& a = *inputs[0];
  const Tensor& b = *inputs[1];
  int64_t* y = outputs[0]->i.data();
  if (a.dtype == DType::kFloat) {
    broadcast_binary(outputs[0]->shape, a.shape, a.f.data(), b.shape, b.f.data(), y, F());
  } else {
    broadcast_binary(outputs[0]->shape, a.shape, a.i.data(), b.shape, b.i.data(), y, F());
  }
}

struct Equal {
  template <class T>
  bool operator()(T a, T b) const {
    return a == b;
  }
};
struct Greater {
  template <class T>
  bool operator()(T a, T b) const {
    return a > b;
  }
};
struct GreaterOrEqual {
  template <class T>
  bool operator()(T a, T b) const {
    return a >= b;
  }
};
struct Less {
  template <class T>
  bool operator()(T a, T b) const {
    return a < b;
  }
};
struct LessOrEqual {
  template <class T>
  bool operator()(T a, T b) const {
    return a <= b;
  }
};
struct And {
  template <class T>
  bool operator()(T a, T b) const {
    return a != 0 && b != 0;
  }
};
struct Or {
  template <class T>
  bool operator()(T a, T b) const {
    return a != 0 || b != 0;
  }
};

template <class F>
constexpr OpDef bool_op(const char* name) {
  return {name, leave, only_folded, infer_bool, run_bool<F>, only_folded};
}

void infer_not(Graph& graph, Node& node) {
  const Value& x = input_value(graph, node, 0);
  if (x.dtype == DType::kFloat) fail(node, "Not of floats is not supported; cast to bool");
  set_output(graph, node, 0, x.shape, DType::kBool);
}

void run_not(const Node&, const Inputs& inputs, const Outputs& outputs, State) {
  std::transform(inputs[0]->i.begin(), inputs[0]->i.end(), outputs[0]->i.begin(),
                 [](int64_t value) { return value == 0 ? 1 : 0; });
}

void infer_where(Graph& graph, Node& node) {
  const Value& condition = input_value(graph, node, 0);
  const Value& a = input_value(graph, node, 1);
  const Value& b = input_value(graph, node, 2);
  if (condition.dtype == DType::kFloat || a.dtype != b.dtype) {
    fail(node, "Where with inputs of the wrong types; export the model again");
  }
  const Shape values = broadcast_shapes(node, a.shape, b.shape);
  set_output(graph, node, 0, broadcast_shapes(node, condition.shape, values), a.dtype);
}

void run_where(const Node&, const Inputs& inputs, const Outputs& outputs, State) {
  const Tensor& condition = *inputs[0];
  const Tensor& a = *inputs[1];
  const Tensor& b = *inputs[2];
  Tensor* y = outputs[0];
  const StridedWalk walk = broadcast_walk(y->shape, {condition.shape, a.shape, b.shape});
  for_each_row(walk, [&](int64_t out, const std::vector<int64_t>& offsets) {
    for (int64_t i = 0; i < walk.shape.back(); ++i) {
      const bool take_a = condition.i[offsets[0] + i * walk.strides[0].back()] != 0;
      const Tensor& from = take_a ? a : b;
      const size_t which = take_a ? 1 : 2;
      const auto at = static_cast<size_t>(offsets[which] + i * walk.strides[which].back());
      if (y->dtype == DType::kFloat) {
        y->f[static_cast<size_t>(out + i)] = from.f[at];
      } else {
        y->i[static_cast<size_t>(out + i)] = from.i[at];
      }
    }
  });
}

}  // namespace

const OpDef kOpEqual = bool_op<Equal>("Equal");
const OpDef kOpGreater = bool_op<Greater>("Greater");
const OpDef kOpGreaterOrEqual = bool_op<GreaterOrEqual>("GreaterOrEqual");
const OpDef kOpLess = bool_op<Less>("Less");
const OpDef kOpLessOrEqual = bool_op<LessOrEqual>("LessOrEqual");
const OpDef kOpAnd = bool_op<And>("And");
const OpDef kOpOr = bool_op<Or>("Or");
const OpDef kOpNot = {"Not", leave, only_folded, infer_not, run_not, only_folded};
const OpDef kOpWhere = {"Where", leave, only_folded, infer_where, run_where, only_folded};

}  // namespace weq::convert
