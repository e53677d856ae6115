// Whole networks layer by layer, both sides in turn.
#pragma once

#include <string>
#include <vector>

#include "bench/contenders.h"
#include "bench/network_report.h"

namespace weq::bench {

// Medians over a few runs of each side, layers matched by name; a layer that is several primitives
// on their side has the sum. `cold`: caches are displaced before each run.
std::vector<LayerRow> measure_layers(Ours* ours, Theirs* theirs, const std::string& weq, bool cold);

}  // namespace weq::bench
