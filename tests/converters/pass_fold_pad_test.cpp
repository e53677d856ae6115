#include <gtest/gtest.h>

#include "converters/passes/passes.h"
#include "tests/support/float_graph.h"

namespace weq::convert {
namespace {

using namespace weq::test;

ValueId pad(GraphBuilder& b, ValueId x, Ints pads, float value = 0) {
  return b.node("Pad", "pad", {x},
                {{"pads", std::move(pads)}, {"mode", std::string("constant")}, {"value", value}});
}

TEST(FoldPad, IntoAConvolutionAddsToItsPads) {
  GraphBuilder b(41);
  const ValueId p = pad(b, b.input("x", {1, 2, 5, 6}), {0, 0, 1, 0, 0, 0, 2, 3});
  b.output(b.node("Conv", "y", {p, b.weights({3, 2, 3, 3})},
                  {{"pads", Ints{1, 0, 0, 1}}, {"strides", Ints{2, 1}}}));
  Graph after = b.graph();
  EXPECT_EQ(fold_pad(after), 1);
  EXPECT_EQ(after.nodes[0].get_ints("pads"), Ints({2, 0, 2, 4}));
  expect_same_function(b.graph(), after, 41);
}

TEST(FoldPad, IntoAnAverageThatThenCountsIt) {
  GraphBuilder b(42);
  const ValueId p = pad(b, b.input("x", {1, 2, 5, 6}), {0, 0, 1, 1, 0, 0, 1, 1});
  b.output(b.node("AveragePool", "y", {p}, {{"kernel_shape", Ints{3, 3}}}));
  Graph after = b.graph();
  EXPECT_EQ(fold_pad(after), 1);
  EXPECT_EQ(after.nodes[0].get_int("count_include_pad", 0), 1);
  expect_same_function(b.graph(), after, 42);
}

TEST(FoldPad, LeavesWhatIsNoZeroPaddingOfTheImage) {
  const auto count = [](Ints pads, float value, Attributes conv) {
    GraphBuilder b(43);
    const ValueId p = pad(b, b.input("x", {1, 2, 5, 6}), std::move(pads), value);
    const int64_t channels = b.graph().value(p).shape[1];
    b.output(b.node("Conv", "y", {p, b.weights({3, channels, 3, 3})}, std::move(conv)));
    return fold_pad(b.graph());
  };
  EXPECT_EQ(count({0, 0, 1, 1, 0, 0, 1, 1}, 1.0F, {}), 0);   // other value
  EXPECT_EQ(count({0, 0, -1, 0, 0, 0, 0, 0}, 0.0F, {}), 0);  // crops
  EXPECT_EQ(count({0, 1, 0, 0, 0, 0, 0, 0}, 0.0F, {}), 0);   // channels
}

TEST(FoldPad, LeavesAnAverageThatLeavesItsOwnPaddingOut) {
  GraphBuilder b(44);
  const ValueId p = pad(b, b.input("x", {1, 2, 5, 6}), {0, 0, 1, 1, 0, 0, 1, 1});
  b.output(
      b.node("AveragePool", "y", {p}, {{"kernel_shape", Ints{3, 3}}, {"pads", Ints{1, 1, 1, 1}}}));
  Graph after = b.graph();
  EXPECT_EQ(fold_pad(after), 0);
  expect_same_function(b.graph(), after, 44);
}

}  // namespace
}  // namespace weq::convert
