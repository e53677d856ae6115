// Which tensors lie inside others. The inputs of a Concat along the last axis are written straight
// into its output, row by row, so that the node has nothing left to do. A tensor is, when
//   - it is the only output of an operator that can write rows which lie apart,
//   - every reader of it can read them (all Concats along the last axis; op.h), and
//   - it is neither an input nor an output of the graph.
// Of several Concats the last takes it, and the others copy; so does a Concat that is given it
// twice. A Concat's output may in turn lie inside a wider one.
#pragma once

#include "engine/runtime/graph.h"

namespace weq {

struct Place {
  int32_t host = -1;  // the tensor inside which it lies, itself inside none; -1: memory of its own
  int64_t channel = 0;  // where its rows begin in those of the host
  int64_t pitch = 1;    // elements from one row to the next
};

// Of each tensor.
std::vector<Place> place_in_concats(const Graph& graph, const std::vector<Dims>& shapes);

// All with memory of their own.
std::vector<Place> place_apart(const std::vector<Dims>& shapes);

}  // namespace weq
