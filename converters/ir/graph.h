// The float graph that all of the converter works on: SSA values and nodes, in topological order.
//
// Axes are ONNX's (channels first). Shapes are concrete at batch 1; `Value::batched` says that the
// first axis is the batch. Nodes are normalized: what opsets spell differently, or pass as constant
// inputs (axes, shapes, bounds), stands in the attributes, one spelling for each (see ops/).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace weq::convert {

using Shape = std::vector<int64_t>;
int64_t element_count(const Shape& shape);
std::string to_string(const Shape& shape);

enum class DType { kFloat, kInt64, kBool };  // other ONNX types are widened on import or refused

// A dense tensor. Exactly one of `f` (kFloat) and `i` (kInt64, kBool) is used.
struct Tensor {
  DType dtype = DType::kFloat;
  Shape shape;
  std::vector<float> f;
  std::vector<int64_t> i;
};

using ValueId = int;
inline constexpr ValueId kNoValue = -1;  // an optional input that is left out

struct Value {
  std::string name;
  Shape shape;
  DType dtype = DType::kFloat;
  bool batched = false;                    // axis 0 grows with the batch
  std::shared_ptr<const Tensor> constant;  // set: an initializer or a folded result
};

using Attribute = std::variant<int64_t, float, std::string, std::vector<int64_t>,
                               std::vector<float>, std::shared_ptr<const Tensor>>;

struct Node {
  std::string op;    // ONNX operator type
  std::string name;  // unique; made from op and index where the model has none
  std::vector<ValueId> inputs, outputs;
  std::map<std::string, Attribute> attributes;

  bool has(const std::string& key) const { return attributes.count(key) > 0; }
  // The attribute, or `fallback` where it is absent. A wrong type is a ConvertError.
  int64_t get_int(const std::string& key, int64_t fallback) const;
  float get_float(const std::string& key, float fallback) const;
  std::string get_string(const std::string& key, const std::string& fallback) const;
  std::vector<int64_t> get_ints(const std::string& key,
                                const std::vector<int64_t>& fallback = {}) const;
  std::vector<float> get_floats(const std::string& key,
                                const std::vector<float>& fallback = {}) const;
};

struct Graph {
  std::string name;
  int opset = 13;
  std::vector<Value> values;
  std::vector<Node> nodes;  // topological order, always
  std::vector<ValueId> inputs, outputs;

  ValueId add_value(Value value);
  const Value& value(ValueId id) const { return values[static_cast<size_t>(id)]; }
  Value& value(ValueId id) { return values[static_cast<size_t>(id)]; }
  const Tensor* constant(ValueId id) const {
    return id == kNoValue ? nullptr : value(id).constant.get();
  }
  // Index of the node that writes `id`, or -1 (inputs, constants).
  int producer(ValueId id) const;
  // Indices of the nodes that read `id`, ascending.
  std::vector<int> consumers(ValueId id) const;
  bool is_output(ValueId id) const;
  // Every reader of `from`, and the graph's outputs, read `to` instead.
  void replace_uses(ValueId from, ValueId to);
};

// A model that cannot be converted, or bad data: the message says layer, reason and what to do.
// Caught at the command line (exit 3), never below it.
class ConvertError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace weq::convert
