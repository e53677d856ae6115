// Steps that the passes share.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "converters/ir/graph.h"

namespace weq::convert {

// One node reads `id`, in one place, and the graph does not put it out.
bool has_single_use(const Graph& graph, ValueId id);
// The tensor of a float constant; nullptr for anything else.
const Tensor* float_constant(const Graph& graph, ValueId id);

// A new constant, named uniquely after `stem`.
ValueId add_constant(Graph& graph, const std::string& stem, Tensor tensor);
ValueId add_constant(Graph& graph, const std::string& stem, Shape shape, std::vector<float> data);
// A new value to be written by a node (whose `infer` gives it a shape), named uniquely after
// `stem`.
ValueId add_result(Graph& graph, const std::string& stem, bool batched);
// A name that no node has yet.
std::string unique_node_name(const Graph& graph, const std::string& stem);
// A node without attributes and with one output.
Node make_node(const std::string& op, const std::string& name, std::vector<ValueId> inputs,
               ValueId output);
// Shapes of the outputs, by the operator's own rule.
void infer_node(Graph& graph, Node& node);

void erase_nodes(Graph& graph, const std::vector<bool>& erased);
// Offers every node to `rewrite`, which appends what stands for it to the list (in order, the last
// writing the node's own outputs) and returns true, or returns false to keep it. New nodes are
// inferred as they are taken in. Returns how many nodes were replaced.
using Rewrite = std::function<bool(Graph&, const Node&, std::vector<Node>*)>;
int replace_nodes(Graph& graph, const Rewrite& rewrite);

}  // namespace weq::convert
