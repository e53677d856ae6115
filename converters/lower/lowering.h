// Float graph + quantization plan -> the operators of a .weq file. One function per operator, in a
// file of its own; the list is lower.inc. Everything here writes PHYSICAL axes: values of rank >= 3
// are channels last (weq.fbs).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "converters/ir/graph.h"
#include "converters/quantize/requantize_fit.h"
#include "converters/walk/plan.h"
#include "kernels/contract.h"
#include "weq_generated.h"

namespace weq::convert {

// ONNX axis -> axis of the stored tensor, for a value of `rank` axes.
int physical_axis(int64_t axis, size_t rank);
// Entry a of the result belongs to physical axis a.
std::vector<int> to_physical(const Shape& per_axis);

class Lowering {
 public:
  Lowering(const Graph& graph, const QuantizationPlan& plan);

  const Graph& graph() const { return graph_; }
  const QuantizationPlan& plan() const { return plan_; }
  size_t index_of(const Node& node) const {
    return static_cast<size_t>(&node - graph_.nodes.data());
  }
  const NodePlan& node_plan(const Node& node) const { return plan_.nodes[index_of(node)]; }

  // The file's tensor of a value that an earlier node wrote, of a graph input, or of a constant
  // (which is then stored: with its class's code, else with an 8-bit linear code of its own).
  int tensor(ValueId id);
  // The tensor that this node writes for `id`; `unit` matters for Units alone.
  int define(ValueId id, float unit = 1);
  // A tensor between two nodes of one operator.
  int intermediate(const std::string& name, const std::vector<int>& shape, int like);
  // `id` is the same tensor as one that exists.
  void alias(ValueId id, int tensor) { tensor_of_[id] = tensor; }

  void add_node(const std::string& name, format::OperatorUnion op, const std::vector<int>& inputs,
                const std::vector<int>& outputs);
  template <class Table>
  void add(const std::string& name, Table table, const std::vector<int>& inputs,
           const std::vector<int>& outputs) {
    format::OperatorUnion op;
    op.Set(std::move(table));
    add_node(name, std::move(op), inputs, outputs);
  }

  Storage storage(ValueId id) const { return plan_.classes.storage[static_cast<size_t>(id)]; }
  // The integer code of a tensor that holds bytes.
  const IntegerCode& code(int tensor) const;
  // Extremes of its levels, widened to be symmetric: the loader's proof takes magnitudes.
  LevelRange level_range(int tensor) const;
  double unit(int tensor) const;
  // Code of a value held as bytes (before its tensor exists).
  const IntegerCode& code_of_value(ValueId id) const;

  // Where the codes of the node's output change, before its activation: empty for Units.
  std::vector<FitOutput> fit_outputs(const Node& node) const;
  // The same numbers as they stand in the file.
  static std::vector<std::unique_ptr<format::RequantizedT>> requantized(
      const std::vector<FitThresholds>& fit, size_t outputs);

  // What every operator with one multiplier for all channels stores of its fit.
  template <class Table>
  static void set_scalar(const RequantizeFit& fit, Table* table) {
    table->pre_shift = static_cast<uint8_t>(fit.pre_shift);
    table->multiplier = fit.multiplier[0];
    table->addend = fit.addend[0];
    table->unit = fit.unit;
    table->outputs = requantized(fit.outputs, 1);
  }

  format::ModelT& model() { return model_; }

 private:
  int store_constant(ValueId id);
  int add_quantizer(const IntegerCode& code);
  int add_tensor(const std::string& name, const std::vector<int>& shape, format::TensorType type,
                 int quantizer, float unit);
  void add_input();

  const Graph& graph_;
  const QuantizationPlan& plan_;
  format::ModelT model_;
  std::map<ValueId, int> tensor_of_;
  std::vector<int> quantizer_of_class_;
  std::vector<IntegerCode> codes_;  // by quantizer
};

// How the bytes of a code read: what the engine will build from the file.
kernels::LevelMap level_map(const IntegerCode& code);
// The stored byte nearest to a real value.
uint8_t byte_of_value(const IntegerCode& code, double value);

// Output dimension list helpers for windows: h and w of an attribute that may be one-dimensional.
std::vector<uint16_t> two(const std::vector<int64_t>& values, int64_t missing);
std::vector<uint16_t> four_pads(const std::vector<int64_t>& pads);

// The whole graph; ports, nodes, quantizers. Throws ConvertError naming the layer.
format::ModelT lower(const Graph& graph, const QuantizationPlan& plan);

}  // namespace weq::convert
