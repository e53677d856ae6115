// What passes add to operators: residual, activation, Dilate; and that threads change no bit.
#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>
#include <limits>
#include <random>

#include "converters/float/executor.h"
#include "converters/ops/op.h"

namespace weq::convert {
namespace {

using Floats = std::vector<float>;

Tensor random_tensor(const Shape& shape, uint32_t seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> distribution(-2.0f, 2.0f);
  Tensor tensor{DType::kFloat, shape, {}, {}};
  for (int64_t i = 0; i < element_count(shape); ++i) tensor.f.push_back(distribution(generator));
  return tensor;
}

// A graph of one node; tensors of `constants` are initializers, in the order of the inputs.
struct OneNode {
  Graph graph;
  Node node;

  OneNode(const std::string& op, const std::vector<Tensor>& inputs, size_t constants) {
    node.op = op;
    node.name = "node";
    for (size_t i = 0; i < inputs.size(); ++i) {
      Value value{"x" + std::to_string(i), inputs[i].shape, inputs[i].dtype, false, nullptr};
      if (i >= inputs.size() - constants) value.constant = std::make_shared<Tensor>(inputs[i]);
      node.inputs.push_back(graph.add_value(value));
    }
    node.outputs = {graph.add_value({"y", {}, DType::kFloat, false, nullptr})};
  }

  Tensor run(const std::vector<Tensor>& inputs, std::shared_ptr<void>* state = nullptr) {
    find_op(node.op)->normalize(graph, node);
    std::vector<const Tensor*> pointers;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const Tensor* constant = graph.constant(node.inputs[i]);
      pointers.push_back(constant != nullptr ? constant : &inputs[i]);
    }
    std::vector<Tensor> outputs;
    run_node(graph, node, pointers, &outputs, state);
    return outputs[0];
  }
};

float activate(const std::string& name, const Floats& p, float x) {
  const double d = x;
  double y = d;
  if (name == "Relu") y = d > 0 ? d : 0;
  if (name == "LeakyRelu") y = d > 0 ? d : p[0] * d;
  if (name == "Clip") y = d < p[0] ? p[0] : (d > p[1] ? p[1] : d);
  if (name == "Sigmoid") y = 1 / (1 + std::exp(-d));
  if (name == "Tanh") y = std::tanh(d);
  if (name == "HardSigmoid") y = std::min(1.0, std::max(0.0, p[0] * d + p[1]));
  if (name == "Elu") y = d > 0 ? d : p[0] * (std::exp(d) - 1);
  if (name == "Selu") y = p[1] * (d > 0 ? d : p[0] * (std::exp(d) - 1));
  if (name == "Softplus") y = std::log(1 + std::exp(d));
  if (name == "Softsign") y = d / (1 + std::fabs(d));
  return static_cast<float>(y);
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();
const std::vector<std::pair<std::string, Floats>> kActivations = {
    {"Relu", {}},
    {"LeakyRelu", {0.2f}},
    {"Clip", {-0.5f, 0.75f}},
    {"Clip", {0.0f, kInfinity}},
    {"Sigmoid", {}},
    {"Tanh", {}},
    {"HardSigmoid", {0.3f, 0.6f}},
    {"Elu", {1.5f}},
    {"Selu", {1.6f, 1.1f}},
    {"Softplus", {}},
    {"Softsign", {}},
};

void expect_activated(const Tensor& plain, const Tensor& fused, const std::string& name,
                      const Floats& params) {
  ASSERT_EQ(plain.shape, fused.shape);
  for (size_t i = 0; i < plain.f.size(); ++i) {
    ASSERT_NEAR(fused.f[i], activate(name, params, plain.f[i]), 2e-5) << name << " at " << i;
  }
}

void fuse(Node& node, const std::string& name, const Floats& params) {
  node.attributes["activation"] = name;
  node.attributes["activation_params"] = params;
}

TEST(FusedActivation, FollowsTheOperator) {
  const Tensor a = random_tensor({2, 6, 5, 4}, 1), b = random_tensor({6, 1, 1}, 2);
  for (const char* op : {"Add", "Mul", "AveragePool", "GlobalAveragePool"}) {
    const bool binary = op == std::string("Add") || op == std::string("Mul");
    const std::vector<Tensor> inputs = binary ? std::vector<Tensor>{a, b} : std::vector<Tensor>{a};
    for (const auto& [name, params] : kActivations) {
      OneNode plain(op, inputs, 0), fused(op, inputs, 0);
      for (Node* node : {&plain.node, &fused.node}) {
        if (op == std::string("AveragePool")) node->attributes["kernel_shape"] = Shape{2, 2};
      }
      fuse(fused.node, name, params);
      expect_activated(plain.run(inputs), fused.run(inputs), name, params);
    }
  }
}

TEST(FusedConv, AddsBiasThenResidualThenActivates) {
  for (const bool flat : {false, true}) {
    for (const int64_t groups : {1, 3}) {
      if (flat && groups > 1) continue;
      const Shape spatial = flat ? Shape{} : Shape{5, 4};
      const auto shape = [&](int64_t channels) {
        Shape result = {2, channels};
        result.insert(result.end(), spatial.begin(), spatial.end());
        return result;
      };
      const Tensor x = random_tensor(shape(6), 3), residual = random_tensor(shape(9), 4);
      const Tensor w = random_tensor({9, 6 / groups, 1, 1}, 5), bias = random_tensor({9}, 6);
      OneNode plain("Conv", {x, w, bias}, 2);
      plain.node.attributes["group"] = groups;
      Tensor sum = plain.run({x});
      for (size_t i = 0; i < sum.f.size(); ++i) sum.f[i] += residual.f[i];
      for (const auto& [name, params] : kActivations) {
        OneNode fused("Conv", {x, w, bias}, 2);
        fused.node.attributes["group"] = groups;
        fused.node.inputs.push_back(
            fused.graph.add_value({"r", residual.shape, DType::kFloat, false, nullptr}));
        fused.node.attributes["residual_input"] = int64_t{3};
        fuse(fused.node, name, params);
        std::shared_ptr<void> state;
        // The second run meets the cached primitive.
        for (int repeat = 0; repeat < 2; ++repeat) {
          expect_activated(sum, fused.run({x, {}, {}, residual}, &state), name, params);
        }
      }
    }
  }
}

TEST(FusedConv, ResidualWithoutBias) {
  const Tensor x = random_tensor({1, 3, 4, 4}, 7), residual = random_tensor({1, 2, 4, 4}, 8);
  const Tensor w = random_tensor({2, 3, 1, 1}, 9);
  OneNode plain("Conv", {x, w}, 1), fused("Conv", {x, w}, 1);
  fused.node.inputs.push_back(kNoValue);
  fused.node.inputs.push_back(
      fused.graph.add_value({"r", residual.shape, DType::kFloat, false, nullptr}));
  fused.node.attributes["residual_input"] = int64_t{3};
  const Tensor y = plain.run({x});
  std::vector<Tensor> outputs;
  run_node(fused.graph, fused.node,
           {&x, fused.graph.constant(fused.node.inputs[1]), nullptr, &residual}, &outputs, nullptr);
  for (size_t i = 0; i < y.f.size(); ++i) {
    EXPECT_NEAR(outputs[0].f[i], y.f[i] + residual.f[i], 1e-5);
  }
}

TEST(Conv, CachedPrimitiveFollowsShapesAndComputedWeights) {
  const Tensor w = random_tensor({4, 3, 3, 3}, 10), other = random_tensor({4, 3, 3, 3}, 11);
  const Tensor x = random_tensor({1, 3, 6, 6}, 12), wide = random_tensor({2, 3, 8, 5}, 13);
  std::shared_ptr<void> state;
  OneNode shared("Conv", {x, w}, 0);
  for (const Tensor& weights : {w, other}) {
    for (const Tensor& input : {x, wide, x}) {
      EXPECT_EQ(shared.run({input, weights}, &state).f,
                OneNode("Conv", {input, weights}, 0).run({input, weights}).f);
    }
  }
}

TEST(Conv, ThreadCountChangesNoBit) {
  const Tensor x = random_tensor({1, 64, 14, 14}, 14), w = random_tensor({64, 64, 3, 3}, 15);
  const Tensor a = random_tensor({40, 300}, 16), b = random_tensor({300, 50}, 17);
  const int before = omp_get_max_threads();
  std::vector<Floats> convs, products;
  for (const int threads : {1, 2, 5}) {
    omp_set_num_threads(threads);
    convs.push_back(OneNode("Conv", {x, w}, 1).run({x}).f);
    products.push_back(OneNode("MatMul", {a, b}, 1).run({a}).f);
    EXPECT_EQ(omp_get_max_threads(), threads) << "the caller's setting must survive";
  }
  omp_set_num_threads(before);
  for (size_t i = 1; i < convs.size(); ++i) {
    EXPECT_EQ(convs[0], convs[i]);
    EXPECT_EQ(products[0], products[i]);
  }
}

TEST(Dilate, PutsZerosBetweenNeighbours) {
  const Tensor x{DType::kFloat, {1, 1, 2, 2}, {1, 2, 3, 4}, {}};
  OneNode node("Dilate", {x}, 0);
  node.node.attributes["factors"] = std::vector<int64_t>{2, 3};
  const Tensor y = node.run({x});
  EXPECT_EQ(y.shape, (Shape{1, 1, 3, 4}));
  EXPECT_EQ(y.f, (Floats{1, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 4}));
}

// Why a node stays in float, asked at the points where the issue draws the line.
TEST(FloatOnly, NamesWhatHasNoQuantizedForm) {
  const Tensor x = random_tensor({2, 3, 4, 5}, 18), y = random_tensor({2, 3, 4, 5}, 19);
  const Tensor matrix = random_tensor({5, 6}, 20);
  const auto reason = [](const std::string& op, const std::vector<Tensor>& inputs, size_t constants,
                         const std::vector<int64_t>& axes = {}) {
    OneNode one(op, inputs, constants);
    if (!axes.empty()) one.node.attributes["axes"] = axes;
    find_op(op)->normalize(one.graph, one.node);
    find_op(op)->infer(one.graph, one.node);
    return find_op(op)->float_only(one.graph, one.node);
  };
  EXPECT_NE(reason("Div", {x, y}, 0), "");
  EXPECT_EQ(reason("Div", {x, y}, 1), "");
  EXPECT_NE(reason("MatMul", {x, matrix}, 0), "");
  EXPECT_EQ(reason("MatMul", {x, matrix}, 1), "");
  EXPECT_NE(reason("MatMul", {x, random_tensor({2, 3, 5, 6}, 21)}, 1), "");
  EXPECT_EQ(reason("ReduceMean", {x}, 0, {2, 3}), "");
  EXPECT_NE(reason("ReduceMean", {x}, 0, {1}), "");
  EXPECT_NE(reason("ReduceMean", {x}, 0, {1, 2, 3}), "");
  EXPECT_EQ(reason("Relu", {x}, 0), "");
}

}  // namespace
}  // namespace weq::convert
