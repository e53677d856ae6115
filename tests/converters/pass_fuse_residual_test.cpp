#include <gtest/gtest.h>

#include "converters/passes/passes.h"
#include "tests/support/float_graph.h"

namespace weq::convert {
namespace {

using namespace weq::test;
using Names = std::vector<std::string>;

const Attributes kSame{{"pads", Ints{1, 1, 1, 1}}};

ValueId conv(GraphBuilder& b, const std::string& name, ValueId x, bool bias = true) {
  std::vector<ValueId> inputs{x, b.weights({3, 3, 3, 3})};
  if (bias) inputs.push_back(b.weights({3}));
  return b.node("Conv", name, inputs, kSame);
}

TEST(FuseResidual, OnEitherSideWithAndWithoutBias) {
  for (int form = 0; form < 4; ++form) {
    SCOPED_TRACE(form);
    GraphBuilder b(131);
    const ValueId x = b.input("x", {1, 3, 4, 4});
    const ValueId y = conv(b, "conv", x, form & 1);
    b.output(
        b.node("Add", "y", form & 2 ? std::vector<ValueId>{x, y} : std::vector<ValueId>{y, x}));
    Graph after = b.graph();
    EXPECT_EQ(fuse_residual(after), 1);
    EXPECT_EQ(ops_of(after), Names({"Conv"}));
    const auto index = static_cast<size_t>(after.nodes[0].get_int("residual_input", -1));
    EXPECT_EQ(after.nodes[0].inputs.at(index), x);
    EXPECT_EQ(after.nodes[0].name, "conv");
    expect_same_function(b.graph(), after, 131);
  }
}

TEST(FuseResidual, TakesTheActivationOfTheAddBeforeOrAfter) {
  for (bool before : {false, true}) {
    GraphBuilder b(132);
    const ValueId x = b.input("x", {1, 3, 4, 4});
    b.output(b.node("Relu", "y", {b.node("Add", "sum", {conv(b, "conv", x), x})}));
    Graph after = b.graph();
    int activations = before ? fuse_activation(after) : 0;
    EXPECT_EQ(fuse_residual(after), 1);
    activations += before ? 0 : fuse_activation(after);
    EXPECT_EQ(activations, 1);
    EXPECT_EQ(ops_of(after), Names({"Conv"}));
    expect_same_function(b.graph(), after, 132);
  }
}

TEST(FuseResidual, OfTwoConvolutionsTheLaterOne) {
  GraphBuilder b(133);
  const ValueId x = b.input("x", {1, 3, 4, 4});
  const ValueId first = conv(b, "first", x);
  b.output(b.node("Add", "y", {first, conv(b, "second", x)}));
  Graph after = b.graph();
  EXPECT_EQ(fuse_residual(after), 1);
  EXPECT_EQ(after.nodes.size(), 2u);
  EXPECT_EQ(after.nodes[1].name, "second");
  expect_same_function(b.graph(), after, 133);
}

TEST(FuseResidual, AResidualThatIsMadeAfterTheConvolution) {
  GraphBuilder b(134);
  const ValueId x = b.input("x", {1, 3, 4, 4});
  const ValueId y = conv(b, "conv", x);
  const ValueId late = b.node("Tanh", "late", {x});
  b.output(b.node("Add", "y", {y, late}));
  Graph after = b.graph();
  EXPECT_EQ(fuse_residual(after), 1);
  EXPECT_EQ(ops_of(after), Names({"Tanh", "Conv"}));
  expect_same_function(b.graph(), after, 134);
}

TEST(FuseResidual, LeavesOtherAdditions) {
  GraphBuilder b(135);
  const ValueId x = b.input("x", {1, 3, 4, 4});
  const ValueId y = conv(b, "conv", x);
  const ValueId twice = b.node("Add", "twice", {y, y});
  const ValueId wide = b.node("Add", "wide", {conv(b, "c", twice), b.input("z", {1, 3, 1, 1})});
  const ValueId active = b.node("Relu", "r", {conv(b, "d", wide)});
  b.output(b.node("Add", "y", {active, x}));
  Graph after = b.graph();
  EXPECT_EQ(fuse_activation(after), 1);
  EXPECT_EQ(fuse_residual(after), 0);
  expect_same_function(b.graph(), after, 135);
}

}  // namespace
}  // namespace weq::convert
