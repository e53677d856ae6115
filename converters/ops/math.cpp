// Mathematical functions of one number; no attributes. Abs, Neg and Sign also of integers, for
// shape arithmetic.
#include "converters/ops/list.h"
#include "converters/ops/unary.h"

namespace weq::convert {
namespace {

void run_signed(const Node& node, const std::vector<const Tensor*>& inputs,
                const std::vector<Tensor*>& outputs, std::shared_ptr<void>* state) {
  if (inputs[0]->dtype == DType::kFloat) return run_unary(node, inputs, outputs, state);
  const std::vector<int64_t>& x = inputs[0]->i;
  std::vector<int64_t>& y = outputs[0]->i;
  for (size_t i = 0; i < x.size(); ++i) {
    // Wraps around as ONNX's integers do.
    const auto negated = static_cast<int64_t>(0 - static_cast<uint64_t>(x[i]));
    if (node.op == "Sign") {
      y[i] = (x[i] > 0) - (x[i] < 0);
    } else {
      y[i] = node.op == "Neg" || x[i] < 0 ? negated : x[i];
    }
  }
}

constexpr OpDef signed_op(const char* name) {
  return {name, leave, check_unary, infer_same, run_signed, accept};
}

}  // namespace

const OpDef kOpAbs = signed_op("Abs");
const OpDef kOpNeg = signed_op("Neg");
const OpDef kOpSign = signed_op("Sign");
const OpDef kOpErf = unary_op("Erf");
const OpDef kOpSqrt = unary_op("Sqrt");
const OpDef kOpExp = unary_op("Exp");
const OpDef kOpLog = unary_op("Log");
const OpDef kOpReciprocal = unary_op("Reciprocal");
const OpDef kOpFloor = unary_op("Floor");
const OpDef kOpCeil = unary_op("Ceil");
const OpDef kOpRound = unary_op("Round");

}  // namespace weq::convert
