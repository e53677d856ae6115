// Where everything lies in a session's arena: planned once from lifetimes, the same for the size
// that is asked beforehand and for the session itself.
#pragma once

#include "engine/runtime/places.h"

namespace weq {

// A piece of memory alive from step `first` to step `last`, both included.
struct Extent {
  size_t bytes = 0;
  int64_t first = 0, last = 0;
  size_t offset = 0;  // set by place_extents
};

// Sets offsets, multiples of kAlignment, so that no two extents alive at once overlap: largest
// first, each into the smallest gap that holds it. Returns the bytes needed.
size_t place_extents(std::vector<Extent>* extents);

struct ArenaLayout {
  static constexpr size_t kNowhere = SIZE_MAX;
  std::vector<size_t> tensor;   // offset of each tensor; kNowhere for constants and unused ones
  std::vector<size_t> scratch;  // of each node; kNowhere where it needs none
  size_t workspace = 0, workspace_stride = 0;
  size_t bytes = 0;
};

// Inputs and outputs of the graph live through the whole run. `keep`: so does everything else.
// Tensors inside others have no memory of their own; the host lives as long as all of them.
ArenaLayout plan_arena(const Graph& graph, const std::vector<Dims>& shapes,
                       const std::vector<Place>& places,
                       const std::vector<std::unique_ptr<Plan>>& plans, int threads, bool keep);

}  // namespace weq
