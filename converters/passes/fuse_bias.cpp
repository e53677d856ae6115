#include "converters/passes/affine.h"
#include "converters/passes/passes.h"

namespace weq::convert {

int fuse_bias(Graph& graph) {
  return absorb_all(graph, [](const Node& node) {
    return node.op == "Add" || node.op == "Sub" || node.op == "Mul" || node.op == "Div";
  });
}

}  // namespace weq::convert
