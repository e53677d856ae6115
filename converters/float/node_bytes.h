// One float layer as bytes: operator, attributes, constants. What a .weq file carries for a layer
// that stays in float, and what the float plug-in reads back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "converters/ir/graph.h"

namespace weq::convert {

std::vector<uint8_t> node_to_bytes(const Graph& graph, const Node& node);

// A graph of this one node: its data inputs are the graph's inputs (of given shapes), its outputs
// the graph's outputs. Throws ConvertError on bytes that are damaged.
Graph graph_from_bytes(const uint8_t* data, size_t size, const std::vector<Shape>& input_shapes);

}  // namespace weq::convert
