#include <gtest/gtest.h>

#include "converters/passes/passes.h"
#include "tests/support/float_graph.h"

namespace weq::convert {
namespace {

using namespace weq::test;

TEST(RemoveDeadCode, DropsWhatNoOutputNeeds) {
  GraphBuilder b(21);
  const ValueId x = b.input("x", {1, 4});
  b.node("Relu", "unused", {b.node("Add", "dead", {x, b.weights({4})})});
  b.output(b.node("Relu", "y", {x}));
  Graph after = b.graph();
  EXPECT_EQ(remove_dead_code(after), 2);
  EXPECT_EQ(ops_of(after), std::vector<std::string>({"Relu"}));
  EXPECT_EQ(after.values.size(), 2u);  // x, y: the dead weights are gone, too
  expect_same_function(b.graph(), after, 21);
}

TEST(RemoveDeadCode, BypassesIdentityAndDropout) {
  GraphBuilder b(22);
  const ValueId x = b.input("x", {1, 4});
  const ValueId a = b.node("Relu", "a", {b.node("Identity", "i", {x})});
  const ValueId d = b.node("Dropout", "d", {a});
  b.output(b.node("Tanh", "y", {d}));
  Graph after = b.graph();
  EXPECT_EQ(remove_dead_code(after), 2);
  EXPECT_EQ(ops_of(after), std::vector<std::string>({"Relu", "Tanh"}));
  expect_same_function(b.graph(), after, 22);
}

TEST(RemoveDeadCode, OutputsKeepTheirNames) {
  GraphBuilder b(23);
  const ValueId x = b.input("x", {1, 4});
  const ValueId a = b.node("Relu", "a", {x});
  b.output(b.node("Identity", "y", {a}));
  b.output(b.node("Tanh", "z", {a}));
  Graph after = b.graph();
  EXPECT_EQ(remove_dead_code(after), 1);
  EXPECT_EQ(ops_of(after), std::vector<std::string>({"Relu", "Tanh"}));
  expect_same_function(b.graph(), after, 23);
}

TEST(RemoveDeadCode, KeepsAnIdentityBetweenInputAndOutput) {
  GraphBuilder b(24);
  b.output(b.node("Identity", "y", {b.input("x", {1, 4})}));
  Graph after = b.graph();
  EXPECT_EQ(remove_dead_code(after), 0);
  expect_same_function(b.graph(), after, 24);
}

TEST(RemoveDeadCode, BypassesNodesThatChangeNothing) {
  GraphBuilder b(25);
  const ValueId x = b.input("x", {1, 2, 3, 3});
  const ValueId t = b.node("Transpose", "t", {x}, {{"perm", Ints{0, 1, 2, 3}}});
  const ValueId p = b.node("Pad", "p", {t}, {{"pads", Ints(8, 0)}});
  const ValueId c = b.node("Concat", "c", {p}, {{"axis", int64_t{1}}});
  const ValueId kept = b.node("Transpose", "kept", {c}, {{"perm", Ints{0, 1, 3, 2}}});
  b.output(b.node("Relu", "y", {kept}));
  Graph after = b.graph();
  EXPECT_EQ(remove_dead_code(after), 3);
  EXPECT_EQ(ops_of(after), std::vector<std::string>({"Transpose", "Relu"}));
  expect_same_function(b.graph(), after, 25);
}

}  // namespace
}  // namespace weq::convert
