// Unary functions as byte tables (quantization.md, section 4): each stored byte of the input is
// decoded, put through the float operator, and encoded. PRelu: a table per channel.
#include <algorithm>
#include <cmath>

#include "converters/float/executor.h"
#include "converters/lower/list.h"

namespace weq::convert {
namespace {

// The float operator on a list of values of its one data input, shaped as [1, n].
std::vector<float> apply(const Graph& graph, const Node& node, const std::vector<float>& values) {
  Tensor data;
  data.shape = {1, static_cast<int64_t>(values.size())};
  data.f = values;
  std::vector<const Tensor*> inputs;
  bool found = false;
  for (ValueId id : node.inputs) {
    const Tensor* constant = graph.constant(id);
    if (constant && constant->f.size() > 1) {
      throw ConvertError("layer " + node.name + ": " + node.op +
                         " with a constant of more than one element does not run quantized; keep "
                         "it in float with --allow-float");
    }
    if (!constant && id != kNoValue) {
      if (found) {
        throw ConvertError("layer " + node.name + ": " + node.op +
                           " of two tensors does not run quantized; keep it in float with "
                           "--allow-float");
      }
      found = true;
      inputs.push_back(&data);
    } else {
      inputs.push_back(constant);
    }
  }
  std::vector<Tensor> outputs;
  run_node(graph, node, inputs, &outputs);
  return outputs[0].f;
}

ValueId data_input(const Graph& graph, const Node& node) {
  for (ValueId id : node.inputs) {
    if (id != kNoValue && !graph.constant(id)) return id;
  }
  throw ConvertError("layer " + node.name + ": no data input; this is a defect of weq");
}

// Byte -> byte, given the function's values at the input's levels. Bytes without a code read as 0.
void fill_table(const IntegerCode& in, const IntegerCode& out, const std::vector<float>& results,
                std::vector<uint8_t>* table) {
  const size_t first = table->size();
  table->resize(first + 256, byte_of_value(out, 0.0));
  for (size_t k = 0; k < in.levels.size(); ++k) {
    const int32_t byte = in.code_bytes ? static_cast<int32_t>(k) : in.levels[k] + in.offset;
    const double y = static_cast<double>(results[k]);
    // A function that leaves its domain at an unused level (log 0) must not poison the table.
    (*table)[first + static_cast<size_t>(byte)] = byte_of_value(out, std::isnan(y) ? 0.0 : y);
  }
}

std::vector<float> level_values(const IntegerCode& code) {
  std::vector<float> values;
  for (int32_t level : code.levels) values.push_back(code.unit * static_cast<float>(level));
  return values;
}

}  // namespace

void lower_lookup(Lowering& to, const Node& node) {
  const int input = to.tensor(data_input(to.graph(), node));
  const IntegerCode& in = to.code(input);
  const std::vector<float> results = apply(to.graph(), node, level_values(in));
  format::LookupT lookup;
  fill_table(in, to.code_of_value(node.outputs[0]), results, &lookup.table);
  to.add(node.name, std::move(lookup), {input}, {to.define(node.outputs[0])});
}

void lower_prelu(Lowering& to, const Node& node) {
  const Tensor* slope = to.graph().constant(node.inputs[1]);
  const Shape& shape = to.graph().value(node.inputs[0]).shape;
  const size_t channels = shape.size() > 1 ? static_cast<size_t>(shape[1]) : 1;
  if (!slope || (slope->f.size() != 1 && slope->f.size() != channels)) {
    throw ConvertError("layer " + node.name +
                       ": PRelu runs quantized with one constant slope, or one per channel; keep "
                       "it in float with --allow-float");
  }
  const int input = to.tensor(node.inputs[0]);
  const IntegerCode& in = to.code(input);
  const IntegerCode& out = to.code_of_value(node.outputs[0]);
  format::LookupT lookup;
  lookup.per_channel = slope->f.size() > 1;
  for (float a : slope->f) {
    std::vector<float> values = level_values(in);
    for (float& x : values) x = x < 0 ? x * a : x;
    fill_table(in, out, values, &lookup.table);
  }
  to.add(node.name, std::move(lookup), {input}, {to.define(node.outputs[0])});
}

}  // namespace weq::convert
