// Ranges of levels by the kernels that they enable (quantization.md, section 3).
#include <gtest/gtest.h>

#include "converters/walk/level_ranges.h"
#include "tests/support/float_graph.h"

namespace weq::convert {
namespace {

using test::GraphBuilder;
using test::Ints;

// x -> "first" (3x3) -> "second" (3x3 or another kernel) -> y
Graph two_convs(Shape second, Ints strides, int64_t group = 1) {
  GraphBuilder net;
  const int64_t channels = second[1] * group;
  const ValueId x = net.input("x", {1, 8, 9, 9});
  const ValueId first = net.node("Conv", "first", {x, net.weights({channels, 8, 3, 3})},
                                 {{"pads", Ints{1, 1, 1, 1}}});
  net.output(net.node("Conv", "second", {first, net.weights(std::move(second))},
                      {{"strides", std::move(strides)}, {"group", group}}));
  return net.graph();
}

int limit_between(const Graph& graph, int weight_levels, int bits) {
  const CodeClasses classes =
      find_code_classes(graph, std::vector<bool>(graph.nodes.size(), false));
  std::vector<LayerChoice> choices(graph.nodes.size());
  choices[1].weight_levels = weight_levels;
  const std::vector<int> all_bits(static_cast<size_t>(classes.classes), bits);
  const auto klass =
      static_cast<size_t>(classes.class_of[static_cast<size_t>(graph.nodes[0].outputs[0])]);
  return activation_level_limits(graph, classes, choices, all_bits)[klass];
}

TEST(LevelRanges, WeightsStayWithinWinogradOnlyWhereItCanRun) {
  const Graph winograd = two_convs({4, 8, 3, 3}, {1, 1});
  const Graph strided = two_convs({4, 8, 3, 3}, {2, 2});
  const Graph wide = two_convs({4, 8, 7, 7}, {1, 1});
  const Graph five = two_convs({4, 8, 5, 5}, {1, 1});
  const Graph strided_five = two_convs({4, 8, 5, 5}, {2, 2});
  EXPECT_LE(9 * weight_level_limit(winograd, winograd.nodes[1], 16, 63), 127);
  EXPECT_EQ(weight_level_limit(winograd, winograd.nodes[1], 16, 255), 31);
  EXPECT_EQ(weight_level_limit(strided, strided.nodes[1], 16, 63), 31);
  EXPECT_EQ(weight_level_limit(wide, wide.nodes[1], 16, 63), 31);
  EXPECT_EQ(weight_level_limit(five, five.nodes[1], 16, 63), 14);
  EXPECT_EQ(weight_level_limit(strided_five, strided_five.nodes[1], 16, 63), 31);
  const Graph grouped = two_convs({4, 32, 3, 3}, {1, 1}, 2);
  const Graph narrow = two_convs({4, 31, 3, 3}, {1, 1}, 2);
  EXPECT_EQ(weight_level_limit(grouped, grouped.nodes[1], 16, 63), 14);
  EXPECT_EQ(weight_level_limit(narrow, narrow.nodes[1], 16, 63), 31);
  EXPECT_EQ(weight_level_limit(winograd, winograd.nodes[1], 17, 63), 127);
  EXPECT_EQ(weight_level_limit(winograd, winograd.nodes[1], 4, 63), 3);
  EXPECT_EQ(weight_level_limit(winograd, winograd.nodes[1], 3, 63), 1);
}

TEST(LevelRanges, ActivationsFollowTheirReaders) {
  const Graph winograd = two_convs({4, 8, 3, 3}, {1, 1});
  const Graph strided = two_convs({4, 8, 3, 3}, {2, 2});
  EXPECT_EQ(limit_between(strided, 16, 4), 63);
  EXPECT_EQ(limit_between(strided, 4, 4), 42);
  EXPECT_EQ(limit_between(strided, 3, 4), 15);
  EXPECT_EQ(limit_between(strided, 3, 2), 3);
  EXPECT_EQ(limit_between(strided, 256, 6), 255);
  EXPECT_EQ(limit_between(winograd, 256, 6), 63);
  EXPECT_EQ(limit_between(winograd, 256, 8), 255);
}

}  // namespace
}  // namespace weq::convert
