#include "engine/format/load.h"

namespace weq::format {
namespace {

class NodeLoader {
 public:
  NodeLoader(const Report& report, size_t size, Graph* graph)
      : report_(report), budget_(size), graph_(*graph), available_(graph->tensors.size()) {
    for (size_t i = 0; i < graph_.tensors.size(); ++i) {
      shapes_.push_back(graph_.tensors[i].shape);
      available_[i] = graph_.tensors[i].constant != nullptr;
    }
    for (const Port* port : *graph_.file->inputs())
      available_[static_cast<size_t>(port->tensor())] = true;
  }

  Status load(const Node& node) {
    const std::string place = Report::place(node);
    if (node.op() == nullptr) return report_.bad(place, "op", "missing or unknown");
    const weq::Operator* op = find_operator(node.op_type());
    if (op == nullptr)
      return report_.make(StatusCode::kUnsupported, place, "op",
                          std::string(EnumNameOperator(node.op_type())) + " is not in this build");
    Status status = check_edges(node, *op, place);
    if (!status.ok()) return status;
    graph_.operators.push_back(op);
    graph_.proofs.emplace_back();
    set_context(graph_, graph_.operators.size() - 1, shapes_, true, &context_);
    context_.fail("", "");
    if (!op->check(context_)) return report_.layer(StatusCode::kBadFile, context_);
    graph_.proofs.back() = context_.proof;
    std::vector<Dims> inferred(context_.output_count());
    if (!op->infer(context_, inferred.data())) return report_.layer(StatusCode::kBadFile, context_);
    for (size_t k = 0; k < inferred.size(); ++k)
      if (inferred[k] != context_.output_shapes[k])
        return report_.bad(place, "outputs",
                           "shape of " + std::string(context_.outputs[k]->name) + " is " +
                               to_string(context_.output_shapes[k]) + "; it must be " +
                               to_string(inferred[k]));
    return {};
  }

  Status check_outputs() const {
    for (const Port* port : *graph_.file->outputs())
      if (!available_[static_cast<size_t>(port->tensor())])
        return report_.bad("output " + port->name()->str(), "tensor", "is never written");
    return {};
  }

 private:
  Status check_edges(const Node& node, const weq::Operator& op, const std::string& place) {
    // Edge lists shared by many nodes would make the work grow beyond the file.
    const size_t edges = size_t{node.inputs()->size()} + node.outputs()->size();
    if (edges * sizeof(int32_t) > budget_) return report_.bad(place, "inputs", "shared lists");
    budget_ -= edges * sizeof(int32_t);
    const auto count_fault = [&](const char* field, size_t n, int low, int high) {
      return report_.bad(place, field,
                         std::to_string(n) + " of them; " + op.name + " has " +
                             std::to_string(low) +
                             (high > low ? " to " + std::to_string(high) : ""));
    };
    const size_t in = node.inputs()->size(), out = node.outputs()->size();
    if (in < static_cast<size_t>(op.min_inputs) || in > static_cast<size_t>(op.max_inputs))
      return count_fault("inputs", in, op.min_inputs, op.max_inputs);
    if (out < static_cast<size_t>(op.min_outputs) || out > static_cast<size_t>(op.max_outputs))
      return count_fault("outputs", out, op.min_outputs, op.max_outputs);
    for (int32_t id : *node.inputs()) {
      if (!is_index(id)) return index_fault(place, "inputs", id);
      if (!available_[static_cast<size_t>(id)])
        return report_.bad(place, "inputs",
                           "tensor " + name_of(id) + " is read before it is written");
    }
    for (int32_t id : *node.outputs()) {
      if (!is_index(id)) return index_fault(place, "outputs", id);
      if (available_[static_cast<size_t>(id)])
        return report_.bad(place, "outputs",
                           "tensor " + name_of(id) + " is a constant, an input, or written twice");
      available_[static_cast<size_t>(id)] = true;
    }
    return {};
  }

  bool is_index(int32_t id) const {
    return id >= 0 && static_cast<size_t>(id) < graph_.tensors.size();
  }
  std::string name_of(int32_t id) const { return graph_.tensors[static_cast<size_t>(id)].name; }
  Status index_fault(const std::string& place, const char* field, int32_t id) const {
    return report_.bad(place, field,
                       "tensor index " + std::to_string(id) + "; there are " +
                           std::to_string(graph_.tensors.size()));
  }

  const Report& report_;
  size_t budget_;
  Graph& graph_;
  std::vector<bool> available_;
  std::vector<Dims> shapes_;
  NodeContext context_;
};

}  // namespace

Status load_nodes(const Report& report, size_t size, Graph* graph) {
  NodeLoader loader(report, size, graph);
  for (const Node* node : *graph->file->nodes()) {
    Status status = loader.load(*node);
    if (!status.ok()) return status;
  }
  return loader.check_outputs();
}

}  // namespace weq::format
