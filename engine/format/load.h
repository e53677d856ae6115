// Opening a .weq file: every proof that the runtime relies on, then the tables it walks.
//
// Order: FlatBuffers' verifier, version, content hash, quantizers, tensors, ports, nodes (arity,
// order, the operator's own check, shapes). The first thing wrong is the Status. Time is linear in
// the file's size. What passes cannot make a kernel read or write out of bounds, or overflow,
// whoever wrote it.
#pragma once

#include "engine/format/report.h"
#include "engine/runtime/graph.h"

namespace weq::format {

inline constexpr int kFormatVersion = 1;

// `data` is aligned to 64 and outlives the graph.
Status load(const uint8_t* data, size_t size, const std::string& name, Graph* graph);

// The steps of load, in files of their own. `size` is the file's, for limits.
Status check_structure(const Report& report, const uint8_t* data, size_t size);
Status load_quantizers(const Report& report, Graph* graph);
Status load_tensors(const Report& report, const uint8_t* data, size_t size, Graph* graph);
Status load_nodes(const Report& report, size_t size, Graph* graph);
Status check_ports(const Report& report, const Graph& graph);

}  // namespace weq::format
