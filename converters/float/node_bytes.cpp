#include "converters/float/node_bytes.h"

#include <cstring>

namespace weq::convert {
namespace {

enum class Kind : uint8_t { kInt, kFloat, kString, kInts, kFloats, kTensor };

// Little-endian, as the file: plain copies of the host's numbers.
class Writer {
 public:
  template <class T>
  void number(T value) {
    const auto* p = reinterpret_cast<const uint8_t*>(&value);
    bytes_.insert(bytes_.end(), p, p + sizeof value);
  }
  void text(const std::string& s) {
    number(static_cast<uint32_t>(s.size()));
    bytes_.insert(bytes_.end(), s.begin(), s.end());
  }
  template <class T>
  void list(const std::vector<T>& values) {
    number(static_cast<uint32_t>(values.size()));
    for (const T& v : values) number(v);
  }
  void tensor(const Tensor& t) {
    number(static_cast<uint8_t>(t.dtype));
    list(t.shape);
    list(t.f);
    list(t.i);
  }
  std::vector<uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<uint8_t> bytes_;
};

class Reader {
 public:
  Reader(const uint8_t* data, size_t size) : at_(data), left_(size) {}

  template <class T>
  T number() {
    T value;
    copy(&value, sizeof value);
    return value;
  }
  std::string text() {
    std::string s(length(1), '\0');
    copy(s.data(), s.size());
    return s;
  }
  template <class T>
  std::vector<T> list() {
    std::vector<T> values(length(sizeof(T)));
    copy(values.data(), values.size() * sizeof(T));
    return values;
  }
  Tensor tensor() {
    Tensor t;
    const uint8_t dtype = number<uint8_t>();
    if (dtype > static_cast<uint8_t>(DType::kBool)) damaged();
    t.dtype = static_cast<DType>(dtype);
    t.shape = list<int64_t>();
    t.f = list<float>();
    t.i = list<int64_t>();
    int64_t count = 1;
    for (int64_t d : t.shape) {
      if (d < 0 || (d > 0 && count > (int64_t{1} << 40) / d)) damaged();
      count *= d;
    }
    const size_t held = t.dtype == DType::kFloat ? t.f.size() : t.i.size();
    if (held != static_cast<size_t>(count)) damaged();
    return t;
  }
  [[noreturn]] static void damaged() {
    throw ConvertError("the description of a float layer is damaged; convert the model again");
  }

 private:
  size_t length(size_t element) {
    const size_t n = number<uint32_t>();
    if (n > left_ / element) damaged();
    return n;
  }
  void copy(void* to, size_t n) {
    if (n > left_) damaged();
    if (n > 0) std::memcpy(to, at_, n);
    at_ += n;
    left_ -= n;
  }

  const uint8_t* at_;
  size_t left_;
};

void write_attribute(Writer* to, const Attribute& attribute) {
  to->number(static_cast<uint8_t>(attribute.index()));
  switch (static_cast<Kind>(attribute.index())) {
    case Kind::kInt:
      return to->number(std::get<int64_t>(attribute));
    case Kind::kFloat:
      return to->number(std::get<float>(attribute));
    case Kind::kString:
      return to->text(std::get<std::string>(attribute));
    case Kind::kInts:
      return to->list(std::get<std::vector<int64_t>>(attribute));
    case Kind::kFloats:
      return to->list(std::get<std::vector<float>>(attribute));
    case Kind::kTensor:
      return to->tensor(*std::get<std::shared_ptr<const Tensor>>(attribute));
  }
}

Attribute read_attribute(Reader* from) {
  switch (static_cast<Kind>(from->number<uint8_t>())) {
    case Kind::kInt:
      return from->number<int64_t>();
    case Kind::kFloat:
      return from->number<float>();
    case Kind::kString:
      return from->text();
    case Kind::kInts:
      return from->list<int64_t>();
    case Kind::kFloats:
      return from->list<float>();
    case Kind::kTensor:
      return std::make_shared<const Tensor>(from->tensor());
  }
  Reader::damaged();
}

enum class Input : uint8_t { kAbsent, kConstant, kData };

}  // namespace

std::vector<uint8_t> node_to_bytes(const Graph& graph, const Node& node) {
  Writer to;
  to.text(node.op);
  to.text(node.name);
  to.number(static_cast<uint32_t>(node.attributes.size()));
  for (const auto& [key, attribute] : node.attributes) {
    to.text(key);
    write_attribute(&to, attribute);
  }
  to.number(static_cast<uint32_t>(node.inputs.size()));
  for (ValueId id : node.inputs) {
    const Tensor* constant = graph.constant(id);
    const Input input = id == kNoValue ? Input::kAbsent
                        : constant     ? Input::kConstant
                                       : Input::kData;
    to.number(static_cast<uint8_t>(input));
    if (constant) to.tensor(*constant);
  }
  to.number(static_cast<uint32_t>(node.outputs.size()));
  for (ValueId id : node.outputs) to.list(graph.value(id).shape);
  return to.take();
}

Graph graph_from_bytes(const uint8_t* data, size_t size, const std::vector<Shape>& input_shapes) {
  Reader from(data, size);
  Graph graph;
  Node node;
  node.op = from.text();
  node.name = from.text();
  for (uint32_t n = from.number<uint32_t>(); n > 0; --n) {
    std::string key = from.text();
    node.attributes[key] = read_attribute(&from);
  }
  for (uint32_t n = from.number<uint32_t>(); n > 0; --n) {
    const Input input = static_cast<Input>(from.number<uint8_t>());
    if (input == Input::kAbsent) {
      node.inputs.push_back(kNoValue);
      continue;
    }
    Value value;
    value.name = "input" + std::to_string(node.inputs.size());
    if (input == Input::kConstant) {
      auto constant = std::make_shared<Tensor>(from.tensor());
      value.shape = constant->shape;
      value.dtype = constant->dtype;
      value.constant = constant;
      node.inputs.push_back(graph.add_value(value));
      continue;
    }
    if (input != Input::kData || graph.inputs.size() >= input_shapes.size()) Reader::damaged();
    value.shape = input_shapes[graph.inputs.size()];
    const ValueId id = graph.add_value(value);
    graph.inputs.push_back(id);
    node.inputs.push_back(id);
  }
  for (uint32_t n = from.number<uint32_t>(); n > 0; --n) {
    Value value;
    value.name = "output" + std::to_string(node.outputs.size());
    value.shape = from.list<int64_t>();
    const ValueId id = graph.add_value(value);
    node.outputs.push_back(id);
    graph.outputs.push_back(id);
  }
  graph.nodes.push_back(std::move(node));
  return graph;
}

}  // namespace weq::convert
