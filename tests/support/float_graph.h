// Float graphs made node by node, run on random inputs, and compared: for tests of passes.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "converters/float/executor.h"
#include "converters/ir/graph.h"
#include "converters/ops/op.h"
#include "tests/support/random.h"

namespace weq::test {

using convert::Attribute;
using convert::Graph;
using convert::Node;
using convert::Shape;
using convert::Tensor;
using convert::Value;
using convert::ValueId;
using Ints = std::vector<int64_t>;
using Attributes = std::map<std::string, Attribute>;

inline std::vector<float> random_floats(Random& random, int64_t count) {
  std::vector<float> data;
  for (int64_t i = 0; i < count; ++i)
    data.push_back(static_cast<float>(random.in(-1000, 1000)) / 500.0F);
  return data;
}

class GraphBuilder {
 public:
  explicit GraphBuilder(uint64_t seed = 1) : random_(seed) {}

  ValueId input(const std::string& name, Shape shape, bool batched = true) {
    Value value;
    value.name = name;
    value.shape = std::move(shape);
    value.batched = batched;
    graph_.inputs.push_back(graph_.add_value(std::move(value)));
    return graph_.inputs.back();
  }
  ValueId constant(Shape shape, std::vector<float> data) {
    auto tensor = std::make_shared<Tensor>();
    tensor->shape = std::move(shape);
    tensor->f = std::move(data);
    Value value;
    value.name = "c" + std::to_string(graph_.values.size());
    value.shape = tensor->shape;
    value.constant = std::move(tensor);
    return graph_.add_value(std::move(value));
  }
  ValueId weights(Shape shape) {
    const int64_t count = convert::element_count(shape);
    return constant(std::move(shape), random_floats(random_, count));
  }
  // Values in 0.5..1.5: variances, scales.
  ValueId positive(Shape shape) {
    std::vector<float> data = random_floats(random_, convert::element_count(shape));
    for (float& x : data) x = 1.0F + x / 4;
    return constant(std::move(shape), std::move(data));
  }
  // One node; its outputs are named after it ("NAME", "NAME:1", ...), batched like its first input.
  std::vector<ValueId> node_outputs(const std::string& op, const std::string& name,
                                    std::vector<ValueId> inputs, size_t outputs,
                                    Attributes attributes = {}) {
    Node node;
    node.op = op;
    node.name = name;
    node.attributes = std::move(attributes);
    for (size_t i = 0; i < outputs; ++i) {
      Value value;
      value.name = i == 0 ? name : name + ":" + std::to_string(i);
      for (ValueId id : inputs)
        if (id != convert::kNoValue) value.batched = value.batched || graph_.value(id).batched;
      node.outputs.push_back(graph_.add_value(std::move(value)));
    }
    node.inputs = std::move(inputs);
    const convert::OpDef* def = convert::find_op(op);
    if (def == nullptr) throw convert::ConvertError("test uses unknown operator " + op);
    def->normalize(graph_, node);
    def->infer(graph_, node);
    graph_.nodes.push_back(node);
    return node.outputs;
  }
  ValueId node(const std::string& op, const std::string& name, std::vector<ValueId> inputs,
               Attributes attributes = {}) {
    return node_outputs(op, name, std::move(inputs), 1, std::move(attributes))[0];
  }
  void output(ValueId id) { graph_.outputs.push_back(id); }
  Graph& graph() { return graph_; }
  Random& random() { return random_; }

 private:
  Graph graph_;
  Random random_;
};

inline std::vector<Tensor> run_on_random(const Graph& graph, uint64_t seed, int64_t batch = 1) {
  Random random(seed);
  std::vector<Tensor> inputs;
  for (ValueId id : graph.inputs) {
    Tensor tensor;
    tensor.shape = graph.value(id).shape;
    if (graph.value(id).batched) tensor.shape[0] = batch;
    tensor.f = random_floats(random, convert::element_count(tensor.shape));
    inputs.push_back(std::move(tensor));
  }
  std::vector<const Tensor*> given;
  for (const Tensor& tensor : inputs) given.push_back(&tensor);
  convert::FloatExecutor executor(graph, batch);
  executor.run(given);
  std::vector<Tensor> outputs;
  for (size_t i = 0; i < graph.outputs.size(); ++i) outputs.push_back(executor.output(i));
  return outputs;
}

inline void expect_close(const Tensor& expected, const Tensor& actual, float tolerance = 2e-5F) {
  ASSERT_EQ(expected.shape, actual.shape);
  ASSERT_EQ(expected.f.size(), actual.f.size());
  float largest = 1;
  for (float x : expected.f) largest = std::max(largest, std::abs(x));
  for (size_t i = 0; i < expected.f.size(); ++i)
    ASSERT_NEAR(expected.f[i], actual.f[i], tolerance * largest) << "element " << i;
}

// The same outputs, by name and number, at batch 1 and 3.
inline void expect_same_function(const Graph& before, const Graph& after, uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  ASSERT_EQ(before.outputs.size(), after.outputs.size());
  bool batched = false;
  for (ValueId id : before.inputs) batched = batched || before.value(id).batched;
  for (int64_t batch : {1, 3}) {
    if (batch > 1 && !batched) continue;
    const auto expected = run_on_random(before, seed, batch);
    const auto actual = run_on_random(after, seed, batch);
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(before.value(before.outputs[i]).name, after.value(after.outputs[i]).name);
      EXPECT_EQ(before.value(before.outputs[i]).batched, after.value(after.outputs[i]).batched);
      expect_close(expected[i], actual[i]);
    }
  }
}

inline std::vector<std::string> ops_of(const Graph& graph) {
  std::vector<std::string> ops;
  for (const Node& node : graph.nodes) ops.push_back(node.op);
  return ops;
}

}  // namespace weq::test
