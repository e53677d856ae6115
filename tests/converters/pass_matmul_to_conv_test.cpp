#include <gtest/gtest.h>

#include "converters/passes/passes.h"
#include "tests/support/float_graph.h"

namespace weq::convert {
namespace {

using namespace weq::test;
using Names = std::vector<std::string>;

TEST(MatmulToConv, GemmInAllItsForms) {
  for (int form = 0; form < 8; ++form) {
    SCOPED_TRACE(form);
    const bool trans_a = form & 1, trans_b = form & 2, bias = form & 4;
    GraphBuilder b(61);
    const ValueId x = b.input("x", trans_a ? Shape{5, 3} : Shape{1, 5}, !trans_a);
    std::vector<ValueId> inputs{x, b.weights(trans_b ? Shape{4, 5} : Shape{5, 4})};
    if (bias) inputs.push_back(b.weights({1, 4}));
    b.output(b.node("Gemm", "y", inputs,
                    {{"alpha", 0.5F},
                     {"beta", 3.0F},
                     {"transA", int64_t{trans_a}},
                     {"transB", int64_t{trans_b}}}));
    Graph after = b.graph();
    EXPECT_EQ(matmul_to_conv(after), 1);
    EXPECT_EQ(ops_of(after), trans_a ? Names({"Transpose", "Conv"}) : Names({"Conv"}));
    expect_same_function(b.graph(), after, 61);
  }
}

TEST(MatmulToConv, AGemmAddendThatIsNoBiasIsAdded) {
  GraphBuilder b(62);
  const ValueId c = b.input("c", {1, 4});
  b.output(b.node("Gemm", "y", {b.input("x", {1, 5}), b.weights({5, 4}), c}));
  Graph after = b.graph();
  EXPECT_EQ(matmul_to_conv(after), 1);
  EXPECT_EQ(ops_of(after), Names({"Conv", "Add"}));
  expect_same_function(b.graph(), after, 62);
}

TEST(MatmulToConv, MatMulContractsTheLastAxisOfAnyRank) {
  const std::vector<Shape> shapes{{1, 5}, {1, 3, 5}, {1, 2, 3, 5}, {1, 2, 3, 2, 5}};
  const std::vector<Names> expected{{"Conv"},
                                    {"Transpose", "Conv", "Transpose"},
                                    {"Transpose", "Conv", "Transpose"},
                                    {"Transpose", "Reshape", "Conv", "Reshape", "Transpose"}};
  for (size_t i = 0; i < shapes.size(); ++i) {
    SCOPED_TRACE(to_string(shapes[i]));
    GraphBuilder b(63);
    b.output(b.node("MatMul", "y", {b.input("x", shapes[i]), b.weights({5, 4})}));
    Graph after = b.graph();
    EXPECT_EQ(matmul_to_conv(after), 1);
    EXPECT_EQ(ops_of(after), expected[i]);
    expect_same_function(b.graph(), after, 63);
  }
}

TEST(MatmulToConv, AConstantOnTheLeftContractsTheAxisBeforeTheLast) {
  for (const Shape& shape : {Shape{1, 5, 3}, Shape{1, 2, 5, 3}}) {
    GraphBuilder b(64);
    b.output(b.node("MatMul", "y", {b.weights({4, 5}), b.input("x", shape)}));
    Graph after = b.graph();
    EXPECT_EQ(matmul_to_conv(after), 1);
    EXPECT_EQ(ops_of(after),
              shape.size() == 3 ? Names({"Conv"}) : Names({"Transpose", "Conv", "Transpose"}));
    expect_same_function(b.graph(), after, 64);
  }
}

TEST(MatmulToConv, AConstantOnTheLeftOfAMatrix) {
  GraphBuilder b(68);
  b.output(b.node("MatMul", "y", {b.weights({4, 5}), b.input("x", {5, 3}, false)}));
  Graph after = b.graph();
  EXPECT_EQ(matmul_to_conv(after), 1);
  EXPECT_EQ(ops_of(after), Names({"Transpose", "Conv", "Transpose"}));
  expect_same_function(b.graph(), after, 68);
}

TEST(MatmulToConv, TakesTheBiasBehindTheTranspose) {
  GraphBuilder b(65);
  const ValueId y = b.node("MatMul", "dense", {b.input("x", {1, 3, 5}), b.weights({5, 4})});
  b.output(b.node("Add", "y", {b.weights({4}), y}));
  Graph after = b.graph();
  EXPECT_EQ(matmul_to_conv(after), 2);
  EXPECT_EQ(ops_of(after), Names({"Transpose", "Conv", "Transpose"}));
  EXPECT_EQ(after.nodes[1].name, "dense");
  expect_same_function(b.graph(), after, 65);
}

TEST(MatmulToConv, LeavesAnAddAlongAnotherAxis) {
  GraphBuilder b(66);
  const ValueId y = b.node("MatMul", "dense", {b.input("x", {1, 4, 5}), b.weights({5, 4})});
  b.output(b.node("Add", "y", {y, b.weights({4, 1})}));
  Graph after = b.graph();
  EXPECT_EQ(matmul_to_conv(after), 1);
  expect_same_function(b.graph(), after, 66);
}

TEST(MatmulToConv, LeavesProductsOfTwoTensors) {
  GraphBuilder b(67);
  b.output(b.node("MatMul", "y", {b.input("x", {1, 3, 5}), b.input("z", {1, 5, 2})}));
  EXPECT_EQ(matmul_to_conv(b.graph()), 0);
}

}  // namespace
}  // namespace weq::convert
