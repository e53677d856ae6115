#include <gtest/gtest.h>

#include "converters/passes/passes.h"
#include "tests/support/float_graph.h"

namespace weq::convert {
namespace {

using namespace weq::test;
using Names = std::vector<std::string>;

TEST(ScaleToConv, LoneAffineNodesOfEachRank) {
  for (const Shape& shape : {Shape{1, 3}, Shape{1, 3, 4}, Shape{1, 3, 4, 2}}) {
    SCOPED_TRACE(to_string(shape));
    GraphBuilder b(71);
    const ValueId x = b.node("Relu", "x_", {b.input("x", shape)});
    const ValueId bn = b.node("BatchNormalization", "bn",
                              {x, b.weights({3}), b.weights({3}), b.weights({3}), b.positive({3})});
    b.output(b.node("Mul", "y", {b.node("Relu", "r", {bn}), b.constant({}, {-2})}));
    Graph after = b.graph();
    EXPECT_EQ(scale_to_conv(after), 2);
    EXPECT_EQ(ops_of(after), Names({"Relu", "Conv", "Relu", "Conv"}));
    EXPECT_EQ(after.nodes[1].get_int("group", 1), 3);
    expect_same_function(b.graph(), after, 71);
  }
}

TEST(ScaleToConv, AChainBecomesOneConvolution) {
  GraphBuilder b(72);
  ValueId y = b.input("x", {1, 3, 4, 4});
  y = b.node("Mul", "scaled", {y, b.weights({3, 1, 1})});
  y = b.node("Add", "moved", {y, b.weights({1, 3, 1, 1})});
  y = b.node("Sub", "turned", {b.constant({}, {1}), y});
  b.output(b.node("Div", "y", {y, b.positive({3, 1, 1})}));
  Graph after = b.graph();
  EXPECT_EQ(scale_to_conv(after), 1);
  EXPECT_EQ(ops_of(after), Names({"Conv"}));
  EXPECT_EQ(after.nodes[0].name, "scaled");
  expect_same_function(b.graph(), after, 72);
}

TEST(ScaleToConv, LeavesWhatIsNotPerChannel) {
  GraphBuilder b(73);
  const ValueId x = b.input("x", {1, 3, 4, 4});
  const ValueId y = b.node("Add", "along_width", {x, b.weights({4})});
  b.output(b.node("Mul", "gate", {y, x}));
  EXPECT_EQ(scale_to_conv(b.graph()), 0);
}

}  // namespace
}  // namespace weq::convert
