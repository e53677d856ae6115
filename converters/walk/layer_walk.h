// The walk that quantizes a network: node by node in order, with the float and the quantized
// activations of a set of calibration inputs alive side by side (quantization.md, section 7;
// architecture.md, section 8). Weights are clustered, and each channel is corrected, on inputs that
// are already quantized.
#pragma once

#include <functional>

#include "converters/calibrate/statistics.h"
#include "converters/walk/plan.h"

namespace weq::convert {

struct WalkOptions {
  CriterionChoice criterion = CriterionChoice::kAuto;
  Search search = Search::kExact;
  Scheme scheme = Scheme::kSymmetric;
  bool channel_scale = true;
  bool correction = true;
  bool paper = false;
  int threads = 1;
  size_t memory_budget = size_t{1600} << 20;  // bytes of live activations; bounds the inputs used
};

// Fills plan->nodes. `plan` comes with classes, codes, image and choices set. Uses up to 128
// inputs, evenly spread, fewer where the budget asks for it. The result does not depend on
// `threads`.
void walk_layers(const Graph& graph, const Statistics& statistics, const Feed& feed, int64_t inputs,
                 const WalkOptions& options, QuantizationPlan* plan,
                 const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace weq::convert
