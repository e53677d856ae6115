// Shapes of all tensors at a session's batch and image size.
#pragma once

#include "engine/format/report.h"
#include "engine/runtime/graph.h"

namespace weq {

// `shapes[t]` of every tensor. Batch multiplies the physical axis of the user's axis 0 of each
// input; height and width replace axes 1 and 2 of each input of rank 4.
Status propagate_shapes(const Graph& graph, const format::Report& report,
                        const SessionOptions& options, std::vector<Dims>* shapes);

}  // namespace weq
