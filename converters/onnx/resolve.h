// One walk over a built graph at one batch: normalize each node, fold it where everything it reads
// is known, else check it and infer its shapes.
#pragma once

#include <vector>

#include "converters/ir/graph.h"
#include "converters/onnx/input_shapes.h"
#include "converters/onnx/preflight.h"

namespace weq::convert {

struct Walk {
  Graph graph;                 // with shapes; folded nodes are gone, their results are constants
  std::vector<size_t> origin;  // of each node: its index in the built graph
};

// Inputs that carry the batch get `batch` on their first axis. Nodes that cannot be taken go to
// `preflight`; what depends on them is left alone.
Walk resolve(const Graph& built, const InputShapes& inputs, int64_t batch, bool allow_float,
             Preflight* preflight);

}  // namespace weq::convert
