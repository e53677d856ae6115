#include <gtest/gtest.h>

#include "converters/passes/passes.h"
#include "tests/support/float_graph.h"

namespace weq::convert {
namespace {

using namespace weq::test;

TEST(FuseBias, EveryOperatorOnEitherSide) {
  for (const std::string op : {"Add", "Sub", "Mul", "Div"})
    for (const bool constant_first : {false, true}) {
      if (op == "Div" && constant_first) continue;
      SCOPED_TRACE(op + (constant_first ? " constant first" : ""));
      GraphBuilder b(51);
      const ValueId y =
          b.node("Conv", "conv", {b.input("x", {1, 2, 4, 4}), b.weights({3, 2, 3, 3})});
      const ValueId c = b.positive({1, 3, 1, 1});
      b.output(b.node(op, "y",
                      constant_first ? std::vector<ValueId>{c, y} : std::vector<ValueId>{y, c}));
      Graph after = b.graph();
      EXPECT_EQ(fuse_bias(after), 1);
      EXPECT_EQ(ops_of(after), std::vector<std::string>({"Conv"}));
      expect_same_function(b.graph(), after, 51);
    }
}

TEST(FuseBias, AScalarServesAllChannels) {
  GraphBuilder b(52);
  const ValueId y = b.node("Gemm", "gemm", {b.input("x", {1, 4}), b.weights({4, 3})});
  b.output(
      b.node("Mul", "y", {b.node("Add", "a", {y, b.constant({}, {3})}), b.constant({1}, {-2})}));
  Graph after = b.graph();
  EXPECT_EQ(fuse_bias(after), 2);
  expect_same_function(b.graph(), after, 52);
}

TEST(FuseBias, LeavesConstantsAlongOtherAxesAndDivisionOfAConstant) {
  GraphBuilder b(53);
  const ValueId y = b.node("Conv", "conv", {b.input("x", {1, 2, 4, 4}), b.weights({4, 2, 1, 1})});
  const ValueId a = b.node("Add", "along_width", {y, b.weights({4})});
  b.output(b.node("Div", "y", {b.constant({1, 4, 1, 1}, {1, 2, 3, 4}), a}));
  EXPECT_EQ(fuse_bias(b.graph()), 0);
}

TEST(FuseBias, LeavesAnAddThatBroadcastsTheLayer) {
  GraphBuilder b(54);
  const ValueId y = b.node("Gemm", "gemm", {b.input("x", {1, 4}, false), b.weights({4, 1})});
  b.output(b.node("Add", "y", {y, b.weights({1, 3})}));
  Graph after = b.graph();
  EXPECT_EQ(fuse_bias(after), 0);
  expect_same_function(b.graph(), after, 54);
}

}  // namespace
}  // namespace weq::convert
