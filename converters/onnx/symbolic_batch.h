// Shape arithmetic folds to numbers, and numbers forget which of them was the batch. Two walks, at
// batch 1 and 2, tell: where their folded results differ, the batch is in it.
#pragma once

#include <optional>

#include "converters/onnx/resolve.h"

namespace weq::convert {

// The graph of walk `one` with every attribute that held the batch made independent of it (Reshape:
// 0 or -1; Expand: 1; Resize sizes: 0; Slice ends: the end of the axis), and Value::batched set.
// Nothing where the graph cannot be freed of it: it then runs at batch 1 alone.
std::optional<Graph> keep_batch_symbolic(const Walk& one, const Walk& two);

}  // namespace weq::convert
