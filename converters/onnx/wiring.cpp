#include "converters/onnx/wiring.h"

#include <functional>
#include <queue>
#include <set>

#include "converters/ir/graph.h"

namespace weq::convert {
namespace {

constexpr int kGiven = -1;  // written by no node: an input or an initializer

std::vector<std::string> unique_names(const onnx::GraphProto& graph) {
  std::set<std::string> taken;
  for (const auto& node : graph.node())
    if (!node.name().empty()) taken.insert(node.name());
  std::set<std::string> used;
  std::vector<std::string> names;
  for (int i = 0; i < graph.node_size(); ++i) {
    const auto& node = graph.node(i);
    std::string name = node.name();
    if (name.empty() || used.count(name) > 0) {
      const std::string stem = (name.empty() ? node.op_type() : name) + "_" + std::to_string(i);
      name = stem;
      for (int k = 2; taken.count(name) > 0; ++k) name = stem + "_" + std::to_string(k);
    }
    taken.insert(name);
    used.insert(name);
    names.push_back(std::move(name));
  }
  return names;
}

// Who writes each value: a node's index, or kGiven.
std::map<std::string, int> find_writers(const onnx::GraphProto& graph, Wiring* wiring) {
  std::map<std::string, int> writers;
  for (int i = 0; i < graph.initializer_size(); ++i) {
    const std::string& name = graph.initializer(i).name();
    if (!wiring->initializers.emplace(name, i).second)
      throw ConvertError("initializer " + name + ": occurs twice; export the model again");
    writers[name] = kGiven;
  }
  std::set<std::string> inputs;
  for (const auto& input : graph.input()) {
    if (input.name().empty()) throw ConvertError("an input has no name; export the model again");
    if (!inputs.insert(input.name()).second)
      throw ConvertError("input " + input.name() + ": occurs twice; export the model again");
    writers[input.name()] = kGiven;
  }
  for (int i = 0; i < graph.node_size(); ++i) {
    bool writes = false;
    for (const std::string& name : graph.node(i).output()) {
      if (name.empty()) continue;
      writes = true;
      if (!writers.emplace(name, i).second)
        throw ConvertError("layer " + wiring->node_names[static_cast<size_t>(i)] + ": writes " +
                           name + ", which exists already; export the model again");
    }
    if (!writes)
      throw ConvertError("layer " + wiring->node_names[static_cast<size_t>(i)] +
                         ": has no output; remove it");
  }
  return writers;
}

}  // namespace

Wiring wire(const onnx::GraphProto& graph) {
  Wiring wiring;
  wiring.node_names = unique_names(graph);
  const std::map<std::string, int> writers = find_writers(graph, &wiring);

  const auto count = static_cast<size_t>(graph.node_size());
  std::vector<std::vector<int>> readers(count), sources(count);
  std::vector<int> waiting(count, 0);
  for (size_t n = 0; n < count; ++n) {
    for (const std::string& name : graph.node(static_cast<int>(n)).input()) {
      if (name.empty()) continue;
      const auto writer = writers.find(name);
      if (writer == writers.end())
        throw ConvertError("layer " + wiring.node_names[n] + ": reads " + name +
                           ", which is neither an input, a weight nor the result of a layer; "
                           "export the model again");
      if (writer->second == kGiven) continue;
      readers[static_cast<size_t>(writer->second)].push_back(static_cast<int>(n));
      sources[n].push_back(writer->second);
      ++waiting[n];
    }
  }

  std::vector<bool> needed(count, false);
  std::vector<int> stack;
  const auto need = [&](int node) {
    if (node == kGiven || needed[static_cast<size_t>(node)]) return;
    needed[static_cast<size_t>(node)] = true;
    stack.push_back(node);
  };
  if (graph.output_size() == 0) throw ConvertError("has no outputs; export the model again");
  for (const auto& output : graph.output()) {
    const auto writer = writers.find(output.name());
    if (writer == writers.end())
      throw ConvertError("output " + output.name() +
                         ": no layer writes it; export the model again");
    need(writer->second);
  }
  while (!stack.empty()) {
    const int node = stack.back();
    stack.pop_back();
    for (int source : sources[static_cast<size_t>(node)]) need(source);
  }

  std::priority_queue<int, std::vector<int>, std::greater<int>> ready;
  for (size_t n = 0; n < count; ++n)
    if (waiting[n] == 0) ready.push(static_cast<int>(n));
  size_t sorted = 0;
  while (!ready.empty()) {
    const auto node = static_cast<size_t>(ready.top());
    ready.pop();
    ++sorted;
    if (needed[node]) wiring.order.push_back(static_cast<int>(node));
    for (int reader : readers[node])
      if (--waiting[static_cast<size_t>(reader)] == 0) ready.push(reader);
  }
  if (sorted < count) {
    size_t stuck = 0;
    while (waiting[stuck] == 0) ++stuck;
    throw ConvertError("layer " + wiring.node_names[stuck] +
                       ": is part of a cycle; unroll the loop and export the model again");
  }
  return wiring;
}

}  // namespace weq::convert
