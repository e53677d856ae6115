#include <gtest/gtest.h>

#include "converters/passes/passes.h"
#include "tests/support/float_graph.h"

namespace weq::convert {
namespace {

using namespace weq::test;
using Names = std::vector<std::string>;

void expect_lowered(const std::string& op, size_t tensors, const Names& expected) {
  SCOPED_TRACE(op);
  GraphBuilder b(101);
  std::vector<ValueId> inputs;
  for (size_t i = 0; i < tensors; ++i)
    inputs.push_back(b.input("x" + std::to_string(i), {1, 3, 2, 2}));
  b.output(b.node(op, "y", inputs));
  Graph after = b.graph();
  EXPECT_EQ(lower_variadic(after), 1);
  EXPECT_EQ(ops_of(after), expected);
  EXPECT_EQ(after.nodes.back().name, "y");
  expect_same_function(b.graph(), after, 101);
}

TEST(LowerVariadic, ChainsOfTwo) {
  expect_lowered("Sum", 2, {"Add"});
  expect_lowered("Sum", 4, {"Add", "Add", "Add"});
  expect_lowered("Min", 3, {"Min", "Min"});
  expect_lowered("Max", 3, {"Max", "Max"});
  expect_lowered("Mean", 3, {"Add", "Add", "Mul"});
  expect_lowered("Neg", 1, {"Mul"});
}

void expect_lowered_constant(const std::string& op, bool first, std::vector<float> constant,
                             const Names& expected) {
  SCOPED_TRACE(op);
  GraphBuilder b(102);
  const ValueId x = b.input("x", {1, 3});
  const auto count = static_cast<int64_t>(constant.size());
  const ValueId c = b.constant(count == 1 ? Shape{} : Shape{count}, std::move(constant));
  b.output(b.node(op, "y", first ? std::vector<ValueId>{c, x} : std::vector<ValueId>{x, c}));
  Graph after = b.graph();
  lower_variadic(after);
  EXPECT_EQ(ops_of(after), expected);
  expect_same_function(b.graph(), after, 102);
}

TEST(LowerVariadic, ConstantsOnOneSide) {
  expect_lowered_constant("Sub", false, {1, 2, 3}, {"Add"});
  expect_lowered_constant("Sub", true, {1, 2, 3}, {"Mul", "Add"});
  expect_lowered_constant("Div", false, {1, -2, 3}, {"Mul"});
  expect_lowered_constant("Div", true, {1, 2, 3}, {"Div"});
  expect_lowered_constant("Max", false, {0.5F}, {"Clip"});
  expect_lowered_constant("Min", true, {0.5F}, {"Clip"});
  expect_lowered_constant("Min", false, {1, 0, 1}, {"Min"});
}

TEST(LowerVariadic, LeavesADivisionByZero) {
  GraphBuilder b(104);
  b.output(b.node("Div", "y", {b.input("x", {1, 3}), b.constant({3}, {1, 0, 3})}));
  EXPECT_EQ(lower_variadic(b.graph()), 0);
}

TEST(LowerVariadic, LeavesTheDifferenceOfTwoTensors) {
  GraphBuilder b(103);
  b.output(b.node("Sub", "y", {b.input("a", {1, 3}), b.input("b", {1, 3})}));
  EXPECT_EQ(lower_variadic(b.graph()), 0);
}

}  // namespace
}  // namespace weq::convert
