// Writes small ONNX files byte by byte, without protobuf: what the command line is tried on.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace weq::test {

class Proto {
 public:
  Proto& number(int field, uint64_t value) {
    varint(static_cast<uint64_t>(field) << 3);
    varint(value);
    return *this;
  }
  Proto& bytes(int field, const std::string& value) {
    varint(static_cast<uint64_t>(field) << 3 | 2);
    varint(value.size());
    data_ += value;
    return *this;
  }
  const std::string& data() const { return data_; }

 private:
  void varint(uint64_t value) {
    for (; value >= 128; value >>= 7) data_ += static_cast<char>(value | 128);
    data_ += static_cast<char>(value);
  }
  std::string data_;
};

// Nodes, initializers and ports in the order of the calls.
class TinyOnnx {
 public:
  // `dims`: 0 stands for a free dimension named "N".
  void input(const std::string& name, const std::vector<int64_t>& dims) {
    graph_.bytes(11, port(name, dims));
  }
  void output(const std::string& name, const std::vector<int64_t>& dims) {
    graph_.bytes(12, port(name, dims));
  }
  void weights(const std::string& name, const std::vector<int64_t>& dims,
               const std::vector<float>& values) {
    Proto tensor;
    for (const int64_t dim : dims) tensor.number(1, static_cast<uint64_t>(dim));
    tensor.number(2, 1).bytes(8, name);
    tensor.bytes(9, std::string(reinterpret_cast<const char*>(values.data()), 4 * values.size()));
    graph_.bytes(5, tensor.data());
  }
  // `ints`: attributes that are lists of integers.
  void node(const std::string& op, const std::string& name, const std::vector<std::string>& inputs,
            const std::string& output,
            const std::vector<std::pair<std::string, std::vector<int64_t>>>& ints = {}) {
    Proto node;
    for (const std::string& input : inputs) node.bytes(1, input);
    node.bytes(2, output).bytes(3, name).bytes(4, op);
    for (const auto& [key, values] : ints) {
      Proto attribute;
      attribute.bytes(1, key).number(20, 7);
      for (const int64_t value : values) attribute.number(8, static_cast<uint64_t>(value));
      node.bytes(5, attribute.data());
    }
    graph_.bytes(1, node.data());
  }
  std::string file() const {
    Proto graph = graph_;
    graph.bytes(2, "tiny");
    Proto opset;
    opset.number(2, 13);
    Proto model;
    model.number(1, 7).bytes(7, graph.data()).bytes(8, opset.data());
    return model.data();
  }

 private:
  static std::string port(const std::string& name, const std::vector<int64_t>& dims) {
    Proto shape;
    for (const int64_t dim : dims) {
      Proto d;
      if (dim == 0) {
        d.bytes(2, "N");
      } else {
        d.number(1, static_cast<uint64_t>(dim));
      }
      shape.bytes(1, d.data());
    }
    Proto tensor, type, value;
    tensor.number(1, 1).bytes(2, shape.data());
    type.bytes(1, tensor.data());
    value.bytes(1, name).bytes(2, type.data());
    return value.data();
  }
  Proto graph_;
};

// `channels` x 8 x 8 pixels -> 7 probabilities: two convolutions, a pool, a product, a softmax.
inline std::string tiny_classifier(int channels = 3) {
  uint32_t state = 12345;
  const auto noise = [&](int64_t count, float size) {
    std::vector<float> values;
    for (int64_t i = 0; i < count; ++i) {
      state = state * 1664525u + 1013904223u;
      values.push_back((static_cast<float>(state >> 8) / 16777216.0f - 0.5f) * size);
    }
    return values;
  };
  TinyOnnx model;
  model.input("pixels", {0, channels, 8, 8});
  model.weights("w1", {8, channels, 3, 3}, noise(8 * channels * 9, 1.0f));
  model.weights("b1", {8}, noise(8, 0.5f));
  model.weights("w2", {16, 8, 3, 3}, noise(16 * 8 * 9, 0.6f));
  model.weights("b3", {7}, noise(7, 0.5f));
  model.node("Conv", "stem", {"pixels", "w1", "b1"}, "c1", {{"pads", {1, 1, 1, 1}}});
  model.node("Relu", "stem_relu", {"c1"}, "r1");
  model.node("Conv", "body", {"r1", "w2"}, "c2", {{"strides", {2, 2}}, {"pads", {1, 1, 1, 1}}});
  model.node("Relu", "body_relu", {"c2"}, "r2");
  model.node("GlobalAveragePool", "pool", {"r2"}, "p");
  model.node("Flatten", "flat", {"p"}, "f");
  model.weights("w3t", {16, 7}, noise(16 * 7, 4.0f));
  model.node("Gemm", "head", {"f", "w3t", "b3"}, "logits");
  model.node("Softmax", "probabilities", {"logits"}, "scores");
  model.output("scores", {0, 7});
  return model.file();
}

}  // namespace weq::test
