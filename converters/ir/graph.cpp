#include "converters/ir/graph.h"

#include <algorithm>
#include <limits>

namespace weq::convert {

int64_t element_count(const Shape& shape) {
  int64_t count = 1;
  for (int64_t extent : shape) {
    if (extent < 0) throw ConvertError("shape " + to_string(shape) + " has a negative extent");
    if (extent > 0 && count > std::numeric_limits<int64_t>::max() / 8 / extent)
      throw ConvertError("shape " + to_string(shape) + " has too many elements");
    count *= extent;
  }
  return count;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ",";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

namespace {

template <typename T>
T get(const Node& node, const std::string& key, const T& fallback, const char* type) {
  const auto found = node.attributes.find(key);
  if (found == node.attributes.end()) return fallback;
  if (const T* value = std::get_if<T>(&found->second)) return *value;
  throw ConvertError("layer " + node.name + ": attribute " + key + " of " + node.op + " is not " +
                     type + "; repair the model");
}

}  // namespace

int64_t Node::get_int(const std::string& key, int64_t fallback) const {
  return get(*this, key, fallback, "an integer");
}

float Node::get_float(const std::string& key, float fallback) const {
  return get(*this, key, fallback, "a number");
}

std::string Node::get_string(const std::string& key, const std::string& fallback) const {
  return get(*this, key, fallback, "a string");
}

std::vector<int64_t> Node::get_ints(const std::string& key,
                                    const std::vector<int64_t>& fallback) const {
  return get(*this, key, fallback, "a list of integers");
}

std::vector<float> Node::get_floats(const std::string& key,
                                    const std::vector<float>& fallback) const {
  return get(*this, key, fallback, "a list of numbers");
}

ValueId Graph::add_value(Value value) {
  values.push_back(std::move(value));
  return static_cast<ValueId>(values.size() - 1);
}

int Graph::producer(ValueId id) const {
  if (id == kNoValue) return -1;
  for (size_t n = 0; n < nodes.size(); ++n) {
    const auto& outputs_of = nodes[n].outputs;
    if (std::find(outputs_of.begin(), outputs_of.end(), id) != outputs_of.end())
      return static_cast<int>(n);
  }
  return -1;
}

std::vector<int> Graph::consumers(ValueId id) const {
  std::vector<int> readers;
  if (id == kNoValue) return readers;
  for (size_t n = 0; n < nodes.size(); ++n) {
    const auto& inputs_of = nodes[n].inputs;
    if (std::find(inputs_of.begin(), inputs_of.end(), id) != inputs_of.end())
      readers.push_back(static_cast<int>(n));
  }
  return readers;
}

bool Graph::is_output(ValueId id) const {
  return std::find(outputs.begin(), outputs.end(), id) != outputs.end();
}

void Graph::replace_uses(ValueId from, ValueId to) {
  for (Node& node : nodes) std::replace(node.inputs.begin(), node.inputs.end(), from, to);
  std::replace(outputs.begin(), outputs.end(), from, to);
}

}  // namespace weq::convert
