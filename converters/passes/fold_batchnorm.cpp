#include "converters/passes/affine.h"
#include "converters/passes/passes.h"

namespace weq::convert {

int fold_batchnorm(Graph& graph) {
  return absorb_all(graph, [](const Node& node) { return node.op == "BatchNormalization"; });
}

}  // namespace weq::convert
