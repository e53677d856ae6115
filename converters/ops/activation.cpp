// Activations of one number. Canonical attributes, defaults filled in: LeakyRelu, Elu, Celu,
// ThresholdedRelu: alpha. HardSigmoid: alpha, beta. Selu: alpha, gamma. Gelu: approximate.
#include "converters/ops/list.h"
#include "converters/ops/unary.h"

namespace weq::convert {
namespace {

template <int Thousandths>
void alpha(Graph&, Node& node) {
  default_float(node, "alpha", static_cast<float>(Thousandths) / 1000.0f);
}

void hard_sigmoid(Graph&, Node& node) {
  default_float(node, "alpha", 0.2f);
  default_float(node, "beta", 0.5f);
}

void selu(Graph&, Node& node) {
  default_float(node, "alpha", 1.67326319f);
  default_float(node, "gamma", 1.05070102f);
}

std::string check_gelu(const Graph& graph, const Node& node) {
  const std::string how = node.get_string("approximate", "none");
  if (how != "none" && how != "tanh") {
    return "Gelu approximate=" + how + " is unknown; use none or tanh";
  }
  return check_unary(graph, node);
}

void infer_gelu(Graph& graph, Node& node) {
  require(node, check_gelu(graph, node));
  infer_same_float(graph, node);
}

}  // namespace

const OpDef kOpRelu = unary_op("Relu");
const OpDef kOpLeakyRelu = unary_op("LeakyRelu", alpha<10>);
const OpDef kOpSigmoid = unary_op("Sigmoid");
const OpDef kOpTanh = unary_op("Tanh");
const OpDef kOpHardSigmoid = unary_op("HardSigmoid", hard_sigmoid);
const OpDef kOpHardSwish = unary_op("HardSwish");
const OpDef kOpElu = unary_op("Elu", alpha<1000>);
const OpDef kOpCelu = unary_op("Celu", alpha<1000>);
const OpDef kOpSelu = unary_op("Selu", selu);
const OpDef kOpThresholdedRelu = unary_op("ThresholdedRelu", alpha<1000>);
const OpDef kOpSoftplus = unary_op("Softplus");
const OpDef kOpSoftsign = unary_op("Softsign");
const OpDef kOpMish = unary_op("Mish");
const OpDef kOpGelu = {"Gelu", leave, check_gelu, infer_gelu, run_unary, accept};

}  // namespace weq::convert
