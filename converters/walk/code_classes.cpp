#include "converters/walk/code_classes.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace weq::convert {
namespace {

// Union-find over value ids; the smallest id stands for its class, so numbering is stable.
class Unions {
 public:
  explicit Unions(size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), 0); }
  int find(int a) {
    while (parent_[static_cast<size_t>(a)] != a) a = parent_[static_cast<size_t>(a)];
    return a;
  }
  void unite(int a, int b) {
    const int x = find(a), y = find(b);
    parent_[static_cast<size_t>(std::max(x, y))] = std::min(x, y);
  }

 private:
  std::vector<int> parent_;
};

bool is_float_value(const Graph& graph, ValueId id) {
  return id != kNoValue && graph.value(id).dtype == DType::kFloat;
}

// Byte movers whose second and later inputs carry data too (not parameters).
bool all_inputs_are_data(const std::string& op) {
  return op == "Concat" || op == "Max" || op == "Min";
}

void unite_movers(const Graph& graph, Unions* unions) {
  for (const Node& node : graph.nodes) {
    if (!moves_bytes(graph, node)) continue;
    const size_t data_inputs = all_inputs_are_data(node.op) ? node.inputs.size() : 1;
    for (size_t i = 0; i < data_inputs; ++i) unions->unite(node.inputs[i], node.outputs[0]);
  }
}

// A value may stay raw int32 when nothing but graph outputs, closing softmaxes and views of such
// values read it.
bool may_be_units(const Graph& graph, ValueId id) {
  for (int reader : graph.consumers(id)) {
    const Node& node = graph.nodes[static_cast<size_t>(reader)];
    const bool softmax = node.op == "Softmax" || node.op == "LogSoftmax";
    const bool view = node.op == "Reshape" || node.op == "Transpose";
    if (softmax && graph.is_output(node.outputs[0]) && graph.consumers(node.outputs[0]).empty()) {
      continue;
    }
    if (view && may_be_units(graph, node.outputs[0])) continue;
    return false;
  }
  return graph.is_output(id) || !graph.consumers(id).empty();
}

}  // namespace

bool moves_bytes(const Graph& graph, const Node& node) {
  static const std::set<std::string> always = {
      "MaxPool", "GlobalMaxPool", "ReduceMax", "Slice",  "Reshape", "Transpose", "Pad",
      "Dilate",  "Gather",        "Expand",    "Concat", "Max",     "Min"};
  if (always.count(node.op)) return is_float_value(graph, node.outputs[0]);
  return (node.op == "Resize" || node.op == "Upsample") &&
         node.get_string("mode", "nearest") == "nearest";
}

bool is_arithmetic(const Node& node) {
  static const std::set<std::string> ops = {
      "Conv", "Add", "Mul", "AveragePool", "ReduceMean", "GlobalAveragePool", "LRN", "ReduceSum"};
  if (ops.count(node.op)) return true;
  return (node.op == "Resize" || node.op == "Upsample") &&
         node.get_string("mode", "nearest") == "linear";
}

CodeClasses find_code_classes(const Graph& graph, const std::vector<bool>& stays_float) {
  CodeClasses result;
  const size_t n = graph.values.size();
  result.storage.assign(n, Storage::kNone);
  result.class_of.assign(n, -1);
  result.float_node = stays_float;

  Unions unions(n);
  unite_movers(graph, &unions);

  for (ValueId id : graph.inputs) result.storage[static_cast<size_t>(id)] = Storage::kBytes;
  for (size_t k = 0; k < graph.nodes.size(); ++k) {
    const Node& node = graph.nodes[k];
    for (ValueId id : node.outputs) {
      if (id == kNoValue || !is_float_value(graph, id)) continue;
      Storage storage = Storage::kBytes;
      const bool closing = graph.is_output(id) && graph.consumers(id).empty();
      if (stays_float[k]) {
        storage = closing ? Storage::kFloat : Storage::kBytes;
      } else if (node.op == "Softmax" || node.op == "LogSoftmax") {
        if (closing) storage = Storage::kFloat;
      } else if (is_arithmetic(node)) {
        if (!node.has("activation") && may_be_units(graph, id)) storage = Storage::kUnits;
      } else if (node.op == "Reshape" || node.op == "Transpose") {
        storage = result.storage[static_cast<size_t>(node.inputs[0])];
      }
      result.storage[static_cast<size_t>(id)] = storage;
    }
  }

  std::vector<int> number(n, -1);
  for (size_t id = 0; id < n; ++id) {
    if (result.storage[id] != Storage::kBytes) continue;
    int& slot = number[static_cast<size_t>(unions.find(static_cast<int>(id)))];
    if (slot < 0) slot = result.classes++;
    result.class_of[id] = slot;
  }
  // Constants that meet data inside a byte mover take the mover's code.
  for (const Node& node : graph.nodes) {
    if (!moves_bytes(graph, node) || !all_inputs_are_data(node.op)) continue;
    for (ValueId id : node.inputs) {
      if (graph.constant(id)) {
        result.class_of[static_cast<size_t>(id)] =
            result.class_of[static_cast<size_t>(node.outputs[0])];
      }
    }
  }
  return result;
}

int separate_inputs(Graph& graph) {
  Unions unions(graph.values.size());
  unite_movers(graph, &unions);
  std::set<int> computed;  // classes that hold the result of something other than a mover
  for (const Node& node : graph.nodes) {
    if (moves_bytes(graph, node)) continue;
    for (ValueId id : node.outputs) {
      if (id != kNoValue) computed.insert(unions.find(id));
    }
  }
  std::set<int> seen;
  int changes = 0;
  for (ValueId input : std::vector<ValueId>(graph.inputs)) {
    if (!is_float_value(graph, input)) continue;
    const int root = unions.find(input);
    // Two inputs in one class are parted as well: each has a code of its own.
    if (!computed.count(root) && seen.insert(root).second) continue;
    std::vector<int> movers;
    for (int reader : graph.consumers(input)) {
      if (moves_bytes(graph, graph.nodes[static_cast<size_t>(reader)])) movers.push_back(reader);
    }
    if (movers.empty()) continue;
    Value copy = graph.value(input);
    copy.name += "/requantized";
    const ValueId to = graph.add_value(copy);
    for (int reader : movers) {
      for (ValueId& id : graph.nodes[static_cast<size_t>(reader)].inputs) {
        if (id == input) id = to;
      }
    }
    Node node;
    node.op = "Identity";
    node.name = copy.name;
    node.inputs = {input};
    node.outputs = {to};
    graph.nodes.insert(graph.nodes.begin(), node);
    ++changes;
  }
  return changes;
}

}  // namespace weq::convert
