#include <algorithm>
#include <numeric>

#include "converters/passes/passes.h"
#include "converters/passes/rewrite.h"

namespace weq::convert {
namespace {

bool all_zero(const std::vector<int64_t>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](int64_t n) { return n == 0; });
}

// The node hands its first input on unchanged.
bool does_nothing(const Graph& graph, const Node& node) {
  if (node.inputs.empty() || node.outputs.size() != 1 || node.has("activation")) return false;
  if (node.op == "Identity" || node.op == "Dropout") return true;
  const Value& in = graph.value(node.inputs[0]);
  const Value& out = graph.value(node.outputs[0]);
  if (in.dtype != out.dtype || in.shape != out.shape || in.batched != out.batched) return false;
  if (node.op == "Cast") return in.dtype == DType::kFloat;
  if (node.op == "Reshape" || node.op == "Flatten") return true;
  if (node.op == "Expand") return true;
  if (node.op == "Pad") return all_zero(node.get_ints("pads"));
  if (node.op == "Transpose") {
    std::vector<int64_t> identity(in.shape.size());
    std::iota(identity.begin(), identity.end(), 0);
    return node.get_ints("perm") == identity;
  }
  const bool variadic = node.op == "Concat" || node.op == "Sum" || node.op == "Min" ||
                        node.op == "Max" || node.op == "Mean";
  return variadic && node.inputs.size() == 1;
}

// Takes the node out of the wiring. A graph output keeps its own value, so that it keeps its name.
bool bypass(Graph& graph, const Node& node) {
  const ValueId in = node.inputs[0], out = node.outputs[0];
  if (!graph.is_output(out)) {
    graph.replace_uses(out, in);
    return true;
  }
  const int producer = graph.producer(in);
  if (producer < 0 || graph.is_output(in)) return false;
  auto& written = graph.nodes[static_cast<size_t>(producer)].outputs;
  std::replace(written.begin(), written.end(), in, out);
  graph.replace_uses(in, out);
  return true;
}

int bypass_all(Graph& graph) {
  int count = 0;
  std::vector<bool> erased(graph.nodes.size(), false);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    Node& node = graph.nodes[n];
    if (!does_nothing(graph, node)) continue;
    const Node original = node;
    node.outputs.clear();
    if (bypass(graph, original)) {
      node.inputs.clear();
      erased[n] = true;
      ++count;
    } else {
      node.outputs = original.outputs;
    }
  }
  erase_nodes(graph, erased);
  return count;
}

int erase_unneeded(Graph& graph) {
  int count = 0;
  std::vector<bool> needed(graph.values.size(), false);
  for (ValueId id : graph.outputs) needed[static_cast<size_t>(id)] = true;
  std::vector<bool> erased(graph.nodes.size(), false);
  for (size_t n = graph.nodes.size(); n-- > 0;) {
    const Node& node = graph.nodes[n];
    erased[n] = std::none_of(node.outputs.begin(), node.outputs.end(), [&](ValueId id) {
      return id != kNoValue && needed[static_cast<size_t>(id)];
    });
    if (erased[n]) ++count;
    for (ValueId id : node.inputs)
      if (!erased[n] && id != kNoValue) needed[static_cast<size_t>(id)] = true;
  }
  erase_nodes(graph, erased);
  return count;
}

// Values that nothing names any more are dropped; the others keep their order.
void compact_values(Graph& graph) {
  std::vector<ValueId> renumbered(graph.values.size(), kNoValue);
  const auto use = [&](const std::vector<ValueId>& ids) {
    for (ValueId id : ids)
      if (id != kNoValue) renumbered[static_cast<size_t>(id)] = 0;
  };
  use(graph.inputs);
  use(graph.outputs);
  for (const Node& node : graph.nodes) {
    use(node.inputs);
    use(node.outputs);
  }
  std::vector<Value> kept;
  for (size_t id = 0; id < renumbered.size(); ++id) {
    if (renumbered[id] == kNoValue) continue;
    renumbered[id] = static_cast<ValueId>(kept.size());
    kept.push_back(std::move(graph.values[id]));
  }
  graph.values = std::move(kept);
  const auto renumber = [&](std::vector<ValueId>& ids) {
    for (ValueId& id : ids)
      if (id != kNoValue) id = renumbered[static_cast<size_t>(id)];
  };
  renumber(graph.inputs);
  renumber(graph.outputs);
  for (Node& node : graph.nodes) {
    renumber(node.inputs);
    renumber(node.outputs);
  }
}

}  // namespace

int remove_dead_code(Graph& graph) {
  const int count = bypass_all(graph) + erase_unneeded(graph);
  compact_values(graph);
  return count;
}

}  // namespace weq::convert
