#include "converters/onnx/resolve.h"

#include <algorithm>
#include <stdexcept>

#include "converters/float/executor.h"
#include "converters/ops/op.h"

namespace weq::convert {
namespace {

constexpr int64_t kMaxFoldedElements = int64_t{1} << 28;

class Resolver {
 public:
  Resolver(const Graph& built, const InputShapes& inputs, int64_t batch, bool allow_float,
           Preflight* preflight)
      : built_(built), batch_(batch), allow_float_(allow_float), preflight_(preflight) {
    walk_.graph = built;
    walk_.graph.nodes.clear();
    known_.resize(built.values.size(), false);
    for (size_t id = 0; id < built.values.size(); ++id)
      known_[id] = built.values[id].constant != nullptr;
    for (size_t i = 0; i < built.inputs.size(); ++i) {
      Value& value = walk_.graph.value(built.inputs[i]);
      value.shape = inputs.shapes[i];
      known_[static_cast<size_t>(built.inputs[i])] = true;
      if (!inputs.batched[i]) continue;
      value.shape[0] = batch;
      file_batch_ = std::max(file_batch_, inputs.file_batch[i]);
    }
  }

  Walk run() {
    for (size_t n = 0; n < built_.nodes.size(); ++n) take(n);
    return std::move(walk_);
  }

 private:
  Graph& graph() { return walk_.graph; }

  void take(size_t index) {
    Node node = built_.nodes[index];
    const bool complete = std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId id) {
      return id == kNoValue || known_[static_cast<size_t>(id)];
    });
    if (!complete) return;  // it reads what was refused
    try {
      const std::string reason = resolve_node(node, index);
      if (reason.empty()) return;
      preflight_->refuse("layer " + node.name, reason);
    } catch (const ConvertError& error) {
      preflight_->refuse("layer " + node.name, error.what());
    } catch (const std::logic_error&) {
      preflight_->refuse("layer " + node.name,
                         "its inputs or attributes contradict the operator; repair the model");
    }
  }

  std::string resolve_node(Node node, size_t index) {
    const OpDef* op = find_op(node.op);
    op->normalize(graph(), node);
    const bool foldable = is_foldable(node);
    if (!foldable) {
      const std::string reason = op->check(graph(), node);
      if (!reason.empty()) return reason;
      keep_batch(node);
    }
    op->infer(graph(), node);
    if (foldable) {
      fold(node);
    } else {
      const std::string reason = allow_float_ ? "" : op->float_only(graph(), node);
      if (!reason.empty()) {
        preflight_->refuse("layer " + node.name, reason + "; keep it in float with --allow-float");
      }
      walk_.origin.push_back(index);
      graph().nodes.push_back(node);
    }
    for (ValueId id : node.outputs)
      if (id != kNoValue) known_[static_cast<size_t>(id)] = true;
    return "";
  }

  // Shapes are known here, so what reads nothing but a shape is constant, too.
  static bool reads_only_shape(const Node& node) { return node.op == "Shape" || node.op == "Size"; }

  bool is_foldable(const Node& node) {
    return reads_only_shape(node) ||
           std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId id) {
             return id == kNoValue || graph().constant(id) != nullptr;
           });
  }

  void fold(const Node& node) {
    for (ValueId id : node.outputs)
      if (id != kNoValue && element_count(graph().value(id).shape) > kMaxFoldedElements)
        throw ConvertError("makes a constant of shape " + to_string(graph().value(id).shape) +
                           ", which is too large; repair the model");
    Tensor shape_only;
    std::vector<const Tensor*> inputs(node.inputs.size(), nullptr);
    if (reads_only_shape(node) && !inputs.empty()) {
      shape_only.shape = graph().value(node.inputs[0]).shape;
      inputs[0] = &shape_only;
    }
    std::vector<Tensor> results;
    run_node(graph(), node, inputs, &results);
    for (size_t i = 0; i < results.size(); ++i) {
      if (node.outputs[i] == kNoValue) continue;
      Value& value = graph().value(node.outputs[i]);
      value.shape = results[i].shape;
      value.dtype = results[i].dtype;
      value.constant = std::make_shared<const Tensor>(std::move(results[i]));
    }
  }

  // Exporters write the batch that they saw into Reshape; 0 copies it instead.
  void keep_batch(Node& node) {
    if (node.op != "Reshape" || node.get_int("allowzero", 0) != 0) return;
    std::vector<int64_t> shape = node.get_ints("shape");
    const Shape& input = graph().value(node.inputs.at(0)).shape;
    if (shape.empty() || input.empty() || shape[0] != file_batch_) return;
    if (input[0] != batch_ && input[0] != 1) return;
    shape[0] = 0;
    node.attributes["shape"] = shape;
  }

  const Graph& built_;
  const int64_t batch_;
  const bool allow_float_;
  Preflight* preflight_;
  int64_t file_batch_ = 1;
  std::vector<bool> known_;  // by value: shape (and type) known
  Walk walk_;
};

}  // namespace

Walk resolve(const Graph& built, const InputShapes& inputs, int64_t batch, bool allow_float,
             Preflight* preflight) {
  return Resolver(built, inputs, batch, allow_float, preflight).run();
}

}  // namespace weq::convert
