// What session creation and the question for its arena share: shapes, names, a plan for each node.
#pragma once

#include "engine/runtime/arena.h"
#include "engine/runtime/model.h"
#include "engine/runtime/tuning.h"

namespace weq {

struct SessionSetup {
  kernels::Isa isa = kernels::Isa::kScalar;
  std::string forced_kernel;
  Tuning tuning;
  std::vector<Dims> shapes;                  // by tensor
  std::vector<Place> places;                 // likewise
  std::vector<std::unique_ptr<Plan>> plans;  // by node
  ArenaLayout layout;
};

// Nothing is packed and no arena is allocated.
Status plan_nodes(const ModelImpl& model, const SessionOptions& options, SessionSetup* setup);

}  // namespace weq
