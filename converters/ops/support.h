// What the operators' files share: errors, access to inputs, axes, constant inputs that become
// attributes, and the members of OpDef that do nothing.
#pragma once

#include <string>
#include <vector>

#include "converters/ir/graph.h"

namespace weq::convert {

// Throws ConvertError("layer NAME: text").
[[noreturn]] void fail(const Node& node, const std::string& text);

// Fails with the reason that a check gives; "" passes. For what folding, which asks no check, must
// refuse as well.
void require(const Node& node, const std::string& reason);

bool has_input(const Node& node, size_t index);
// The value at `index`; fails where the node has no such input.
const Value& input_value(const Graph& graph, const Node& node, size_t index);
const Shape& input_shape(const Graph& graph, const Node& node, size_t index);
// As input_shape, and fails unless the input is float.
const Shape& float_input(const Graph& graph, const Node& node, size_t index);
bool is_constant_input(const Graph& graph, const Node& node, size_t index);
// Sets shape and type of output `index`; nothing where that output is left out.
void set_output(Graph& graph, const Node& node, size_t index, Shape shape,
                DType dtype = DType::kFloat);

// Axis in [0, rank), negative ones counted from the end; fails outside.
size_t resolve_axis(const Node& node, int64_t axis, size_t rank);
// Ascending; fails on repetition.
std::vector<int64_t> resolve_axes(const Node& node, const std::vector<int64_t>& axes, size_t rank);
// ONNX (numpy) broadcasting of two shapes; fails where they do not agree.
Shape broadcast_shapes(const Node& node, const Shape& a, const Shape& b);
// Row-major strides, in elements.
std::vector<int64_t> row_strides(const Shape& shape);
int64_t product(const Shape& shape, size_t begin, size_t end);

// Where input `index` is a constant: moves its contents into attribute `key` and leaves the input
// out. Trailing left-out inputs are removed.
void take_ints(const Graph& graph, Node& node, size_t index, const std::string& key);
void take_floats(const Graph& graph, Node& node, size_t index, const std::string& key);
// Likewise, a single float or int.
void take_float(const Graph& graph, Node& node, size_t index, const std::string& key);
void take_int(const Graph& graph, Node& node, size_t index, const std::string& key);
void default_int(Node& node, const std::string& key, int64_t value);
void default_float(Node& node, const std::string& key, float value);

// "" or the reason why the node cannot be taken: between `min` and `max` inputs, and outputs beyond
// the first `outputs` unused.
std::string arity(const Graph& graph, const Node& node, size_t min, size_t max, size_t outputs = 1);
// "" or the reason: input `index`, called `what`, is computed at run time.
std::string computed(const Node& node, size_t index, const std::string& what);
// The reason of operators that exist only to be folded.
std::string only_folded(const Graph& graph, const Node& node);

void leave(Graph& graph, Node& node);                      // a normalize that changes nothing
std::string accept(const Graph& graph, const Node& node);  // a check or float_only without reasons
std::string check_unary(const Graph& graph, const Node& node);   // one input, one output
std::string check_binary(const Graph& graph, const Node& node);  // two inputs, one output
void infer_same(Graph& graph, Node& node);                       // output like input 0
void infer_same_float(Graph& graph, Node& node);                 // likewise, and it must be float

}  // namespace weq::convert
