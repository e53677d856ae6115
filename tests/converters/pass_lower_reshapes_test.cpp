#include <gtest/gtest.h>

#include "converters/passes/passes.h"
#include "tests/support/float_graph.h"

namespace weq::convert {
namespace {

using namespace weq::test;
using Names = std::vector<std::string>;

// One node on x, before and after lowering; returns the shape attribute of the last Reshape.
Ints lowered_shape(const std::string& op, const Shape& x, Attributes attributes,
                   const Names& expected = {"Reshape"}) {
  GraphBuilder b(91);
  b.output(b.node(op, "y", {b.input("x", x)}, std::move(attributes)));
  Graph after = b.graph();
  EXPECT_EQ(lower_reshapes(after), 1);
  EXPECT_EQ(ops_of(after), expected);
  EXPECT_EQ(after.nodes.back().name, "y");
  const auto before = run_on_random(b.graph(), 91, 3), now = run_on_random(after, 91, 3);
  expect_close(before[0], now[0], 0);
  return after.nodes.back().get_ints("shape");
}

TEST(LowerReshapes, Flatten) {
  EXPECT_EQ(lowered_shape("Flatten", {1, 2, 3, 4}, {{"axis", int64_t{1}}}), Ints({0, -1}));
  EXPECT_EQ(lowered_shape("Flatten", {1, 2, 3, 4}, {{"axis", int64_t{2}}}), Ints({-1, 12}));
  EXPECT_EQ(lowered_shape("Flatten", {1, 2, 3, 4}, {{"axis", int64_t{0}}}), Ints({1, -1}));
  EXPECT_EQ(lowered_shape("Flatten", {1, 2, 3, 4}, {{"axis", int64_t{-1}}}), Ints({-1, 4}));
}

TEST(LowerReshapes, SqueezeAndUnsqueeze) {
  EXPECT_EQ(lowered_shape("Squeeze", {1, 2, 1, 1}, {{"axes", Ints{2, 3}}}), Ints({0, 0}));
  EXPECT_EQ(lowered_shape("Squeeze", {1, 2, 1, 4}, {{"axes", Ints{2}}}), Ints({0, 0, 4}));
  EXPECT_EQ(lowered_shape("Unsqueeze", {1, 2}, {{"axes", Ints{2, 3}}}), Ints({0, 0, 1, 1}));
  EXPECT_EQ(lowered_shape("Unsqueeze", {1, 2}, {{"axes", Ints{1}}}), Ints({0, 1, 2}));
  EXPECT_EQ(lowered_shape("Unsqueeze", {1, 2}, {{"axes", Ints{0}}}), Ints({1, -1, 2}));
}

TEST(LowerReshapes, DepthToSpaceAndBack) {
  const Names three{"Reshape", "Transpose", "Reshape"};
  for (const std::string mode : {"DCR", "CRD"}) {
    EXPECT_EQ(lowered_shape("DepthToSpace", {1, 12, 2, 3},
                            {{"blocksize", int64_t{2}}, {"mode", mode}}, three),
              Ints({0, 3, 4, 6}));
    EXPECT_EQ(lowered_shape("SpaceToDepth", {1, 3, 4, 6},
                            {{"blocksize", int64_t{2}}, {"mode", mode}}, three),
              Ints({0, 12, 2, 3}));
  }
}

}  // namespace
}  // namespace weq::convert
