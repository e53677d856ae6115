// DepthToSpace and SpaceToDepth on [N,C,H,W]. Canonical attributes: blocksize, mode (DCR, CRD;
// SpaceToDepth is the inverse of DCR).
#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"

namespace weq::convert {
namespace {

void normalize(Graph&, Node& node) {
  if (!node.has("mode")) node.attributes["mode"] = std::string("DCR");
}

std::string check(const Graph& graph, const Node& node) {
  const std::string mode = node.get_string("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") return "mode " + mode + " is unknown; use DCR or CRD";
  if (node.get_int("blocksize", 0) < 1) {
    return node.op + " without a positive blocksize; export the model again";
  }
  return check_unary(graph, node);
}

void infer(Graph& graph, Node& node) {
  require(node, check(graph, node));
  const Value& x = input_value(graph, node, 0);
  const int64_t b = node.get_int("blocksize", 1);
  const Shape s = x.shape;
  const bool to_space = node.op == "DepthToSpace";
  if (s.size() != 4 || b < 1 || b > 4096 ||
      (to_space ? s[1] % (b * b) != 0 : s[2] % b != 0 || s[3] % b != 0)) {
    fail(node, node.op + " by " + std::to_string(b) + " does not divide " + to_string(s) +
                   "; check the input shape");
  }
  Shape y = to_space ? Shape{s[0], s[1] / (b * b), s[2] * b, s[3] * b}
                     : Shape{s[0], s[1] * b * b, s[2] / b, s[3] / b};
  set_output(graph, node, 0, std::move(y), x.dtype);
}

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Tensor& x = *inputs[0];
  Tensor* y = outputs[0];
  const int64_t b = node.get_int("blocksize", 1);
  const bool to_space = node.op == "DepthToSpace";
  const Shape& wide = to_space ? x.shape : y->shape;  // the deep side
  const int64_t n = wide[0], c = wide[1] / (b * b), h = wide[2], w = wide[3];
  // Both sides seen as [n, c, h, block row, w, block column].
  const Shape shape = {n, c, h, b, w, b};
  const int64_t plane = h * w;
  const bool crd = node.get_string("mode", "DCR") == "CRD";
  const int64_t channel = crd ? plane * b * b : plane;
  const int64_t block = crd ? plane : plane * c;
  const std::vector<int64_t> deep = {c * b * b * plane, channel, w, block * b, 1, block};
  const std::vector<int64_t> flat = row_strides(shape);
  with_storage(x, y, [&](const auto* from, auto* to) {
    copy_strided(shape, from, to_space ? deep : flat, to, to_space ? flat : deep);
  });
}

}  // namespace

const OpDef kOpDepthToSpace = {"DepthToSpace", normalize, check, infer, run, accept};
const OpDef kOpSpaceToDepth = {"SpaceToDepth", normalize, check, infer, run, accept};

}  // namespace weq::convert
