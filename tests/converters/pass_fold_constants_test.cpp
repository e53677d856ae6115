#include <gtest/gtest.h>

#include "converters/passes/passes.h"
#include "tests/support/float_graph.h"

namespace weq::convert {
namespace {

using namespace weq::test;

TEST(FoldConstants, FoldsAChainAndLeavesTheRest) {
  GraphBuilder b(11);
  const ValueId x = b.input("x", {1, 4});
  const ValueId sum = b.node("Add", "sum", {b.constant({4}, {1, 2, 3, 4}), b.constant({}, {10})});
  const ValueId twice = b.node("Mul", "twice", {sum, b.constant({}, {2})});
  b.output(b.node("Add", "y", {x, twice}));
  Graph after = b.graph();
  EXPECT_EQ(fold_constants(after), 2);
  EXPECT_EQ(ops_of(after), std::vector<std::string>({"Add"}));
  ASSERT_NE(after.constant(twice), nullptr);
  EXPECT_EQ(after.constant(twice)->f, std::vector<float>({22, 24, 26, 28}));
  expect_same_function(b.graph(), after, 11);
  EXPECT_EQ(fold_constants(after), 0);
}

TEST(FoldConstants, AnOutputMayBecomeConstant) {
  GraphBuilder b(12);
  b.input("x", {1, 4});
  b.output(b.node("Neg", "y", {b.constant({2}, {1, -2})}));
  EXPECT_EQ(fold_constants(b.graph()), 1);
  EXPECT_EQ(run_on_random(b.graph(), 1)[0].f, std::vector<float>({-1, 2}));
}

}  // namespace
}  // namespace weq::convert
