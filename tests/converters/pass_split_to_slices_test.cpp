#include <gtest/gtest.h>

#include "converters/passes/passes.h"
#include "tests/support/float_graph.h"

namespace weq::convert {
namespace {

using namespace weq::test;

TEST(SplitToSlices, EvenAndUnevenParts) {
  GraphBuilder b(81);
  const ValueId x = b.input("x", {1, 6, 4, 4});
  const auto uneven =
      b.node_outputs("Split", "s", {x}, 3, {{"axis", int64_t{1}}, {"split", Ints{1, 3, 2}}});
  const auto even = b.node_outputs("Split", "e", {uneven[1]}, 2, {{"axis", int64_t{-1}}});
  b.output(uneven[0]);
  b.output(b.node("Relu", "r", {uneven[2]}));
  b.output(even[0]);
  b.output(even[1]);
  Graph after = b.graph();
  EXPECT_EQ(split_to_slices(after), 2);
  EXPECT_EQ(ops_of(after),
            std::vector<std::string>({"Slice", "Slice", "Slice", "Slice", "Slice", "Relu"}));
  expect_same_function(b.graph(), after, 81);
}

TEST(SplitToSlices, PartsThatNobodyNamesAreLeftOut) {
  GraphBuilder b(82);
  const auto parts =
      b.node_outputs("Split", "s", {b.input("x", {1, 4})}, 2, {{"axis", int64_t{1}}});
  b.graph().nodes[0].outputs[0] = kNoValue;
  b.output(parts[1]);
  Graph after = b.graph();
  EXPECT_EQ(split_to_slices(after), 1);
  EXPECT_EQ(after.nodes.size(), 1u);
  EXPECT_EQ(after.nodes[0].get_ints("starts"), Ints({2}));
}

}  // namespace
}  // namespace weq::convert
