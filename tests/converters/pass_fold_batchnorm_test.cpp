#include <gtest/gtest.h>

#include "converters/passes/passes.h"
#include "tests/support/float_graph.h"

namespace weq::convert {
namespace {

using namespace weq::test;

ValueId batchnorm(GraphBuilder& b, const std::string& name, ValueId x, int64_t channels) {
  return b.node("BatchNormalization", name,
                {x, b.weights({channels}), b.weights({channels}), b.weights({channels}),
                 b.positive({channels})},
                {{"epsilon", 1e-3F}});
}

TEST(FoldBatchnorm, IntoAConvolutionWithAndWithoutBias) {
  for (bool bias : {false, true}) {
    GraphBuilder b(31);
    const ValueId x = b.input("x", {1, 4, 5, 5});
    std::vector<ValueId> inputs{x, b.weights({6, 2, 3, 3})};
    if (bias) inputs.push_back(b.weights({6}));
    const ValueId y = b.node("Conv", "conv", inputs, {{"group", int64_t{2}}});
    b.output(b.node("Relu", "y", {batchnorm(b, "bn", y, 6)}));
    Graph after = b.graph();
    EXPECT_EQ(fold_batchnorm(after), 1);
    EXPECT_EQ(ops_of(after), std::vector<std::string>({"Conv", "Relu"}));
    EXPECT_EQ(after.value(after.nodes[0].outputs[0]).name, "bn");
    expect_same_function(b.graph(), after, 31);
  }
}

TEST(FoldBatchnorm, IntoATransposedConvolutionWithGroups) {
  GraphBuilder b(32);
  const ValueId x = b.input("x", {1, 4, 5, 4});
  const ValueId y = b.node("ConvTranspose", "up", {x, b.weights({4, 3, 2, 3})},
                           {{"group", int64_t{2}}, {"strides", Ints{2, 1}}});
  b.output(batchnorm(b, "y", y, 6));
  Graph after = b.graph();
  EXPECT_EQ(fold_batchnorm(after), 1);
  expect_same_function(b.graph(), after, 32);
}

TEST(FoldBatchnorm, IntoGemmAndMatMul) {
  for (const bool transposed : {false, true}) {
    GraphBuilder b(33);
    const ValueId x = b.input("x", {1, 4});
    const ValueId gemm = b.node(
        "Gemm", "gemm", {x, b.weights(transposed ? Shape{6, 4} : Shape{4, 6}), b.weights({6})},
        {{"alpha", 0.5F}, {"beta", 2.0F}, {"transB", int64_t{transposed}}});
    const ValueId a = batchnorm(b, "a", gemm, 6);
    b.output(batchnorm(b, "y", b.node("MatMul", "matmul", {a, b.weights({6, 5})}), 5));
    Graph after = b.graph();
    EXPECT_EQ(fold_batchnorm(after), 2);
    EXPECT_EQ(ops_of(after), std::vector<std::string>({"Gemm", "Gemm"}));
    expect_same_function(b.graph(), after, 33);
  }
}

TEST(FoldBatchnorm, NotIntoAConvolutionThatOthersRead) {
  GraphBuilder b(34);
  const ValueId y = b.node("Conv", "conv", {b.input("x", {1, 2, 4, 4}), b.weights({3, 2, 1, 1})});
  b.output(batchnorm(b, "y", y, 3));
  b.output(b.node("Relu", "z", {y}));
  Graph after = b.graph();
  EXPECT_EQ(fold_batchnorm(after), 0);
  expect_same_function(b.graph(), after, 34);
}

TEST(FoldBatchnorm, WeightsSharedByTwoLayersStayRightForBoth) {
  GraphBuilder b(35);
  const ValueId x = b.input("x", {1, 2, 4, 4});
  const ValueId w = b.weights({2, 2, 3, 3});
  const Attributes same{{"pads", Ints{1, 1, 1, 1}}};
  const ValueId first = batchnorm(b, "bn", b.node("Conv", "first", {x, w}, same), 2);
  b.output(b.node("Conv", "y", {first, w}, same));
  Graph after = b.graph();
  EXPECT_EQ(fold_batchnorm(after), 1);
  expect_same_function(b.graph(), after, 35);
}

}  // namespace
}  // namespace weq::convert
