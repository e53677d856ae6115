#include <gtest/gtest.h>

#include "converters/passes/passes.h"
#include "tests/support/float_graph.h"

namespace weq::convert {
namespace {

using namespace weq::test;
using Names = std::vector<std::string>;

const std::vector<std::pair<std::string, Attributes>>& monotone() {
  static const std::vector<std::pair<std::string, Attributes>> kAll{
      {"Relu", {}},
      {"LeakyRelu", {{"alpha", 0.3F}}},
      {"Clip", {{"min", -0.5F}, {"max", 0.75F}}},
      {"Clip", {{"max", 0.75F}}},
      {"Sigmoid", {}},
      {"Tanh", {}},
      {"HardSigmoid", {{"alpha", 0.4F}, {"beta", 0.25F}}},
      {"Elu", {{"alpha", 0.7F}}},
      {"Selu", {}},
      {"Softplus", {}},
      {"Softsign", {}}};
  return kAll;
}

ValueId layer(GraphBuilder& b, const std::string& op, ValueId x) {
  if (op == "Conv") return b.node(op, op, {x, b.weights({3, 3, 2, 2})});
  if (op == "AveragePool") return b.node(op, op, {x}, {{"kernel_shape", Ints{2, 2}}});
  if (op == "GlobalAveragePool") return b.node(op, op, {x});
  return b.node(op, op, {x, b.input("other", {1, 3, 4, 4})});
}

TEST(FuseActivation, EveryMonotoneFunctionIntoEveryLayer) {
  for (const std::string op : {"Conv", "Add", "Mul", "AveragePool", "GlobalAveragePool"})
    for (const auto& [activation, attributes] : monotone()) {
      SCOPED_TRACE(op + " " + activation);
      GraphBuilder b(121);
      const ValueId y = layer(b, op, b.input("x", {1, 3, 4, 4}));
      b.output(b.node(activation, "y", {y}, attributes));
      Graph after = b.graph();
      EXPECT_EQ(fuse_activation(after), 1);
      EXPECT_EQ(ops_of(after), Names({op}));
      EXPECT_EQ(after.nodes[0].get_string("activation", ""), activation);
      expect_same_function(b.graph(), after, 121);
    }
}

TEST(FuseActivation, LeavesWhatIsNotMonotoneOrFollowsSomethingElse) {
  const auto count = [](const std::string& activation, const Attributes& attributes) {
    GraphBuilder b(122);
    const ValueId y = layer(b, "Conv", b.input("x", {1, 3, 4, 4}));
    b.output(b.node(activation, "y", {y}, attributes));
    return fuse_activation(b.graph());
  };
  EXPECT_EQ(count("LeakyRelu", {{"alpha", -0.3F}}), 0);
  EXPECT_EQ(count("HardSwish", {}), 0);
  EXPECT_EQ(count("Abs", {}), 0);
  GraphBuilder b(123);
  b.output(b.node(
      "Relu", "y",
      {b.node("MaxPool", "p", {b.input("x", {1, 3, 4, 4})}, {{"kernel_shape", Ints{2, 2}}})}));
  EXPECT_EQ(fuse_activation(b.graph()), 0);
}

TEST(FuseActivation, OneActivationALayerAndNoneWhereOthersRead) {
  GraphBuilder b(124);
  const ValueId x = b.input("x", {1, 3, 4, 4});
  const ValueId y = b.node("Tanh", "t", {b.node("Relu", "r", {layer(b, "Conv", x)})});
  b.output(y);
  const ValueId sum = b.node("Add", "sum", {x, x});
  b.output(sum);
  b.output(b.node("Relu", "z", {sum}));
  Graph after = b.graph();
  EXPECT_EQ(fuse_activation(after), 1);
  EXPECT_EQ(ops_of(after), Names({"Conv", "Tanh", "Add", "Relu"}));
  expect_same_function(b.graph(), after, 124);
}

}  // namespace
}  // namespace weq::convert
