#include <gtest/gtest.h>

#include "converters/passes/passes.h"
#include "tests/support/float_graph.h"

namespace weq::convert {
namespace {

using namespace weq::test;
using Names = std::vector<std::string>;

TEST(LowerConvTranspose, RandomShapesOfOneAndTwoAxes) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    GraphBuilder b(seed);
    const size_t axes = static_cast<size_t>(random.in(1, 2));
    const int64_t groups = random.in(1, 3), in = groups * random.in(1, 3), out = random.in(1, 3);
    Shape x{1, in}, w{in, out};
    Ints strides, dilations, pads(2 * axes), extra;
    for (size_t i = 0; i < axes; ++i) {
      x.push_back(random.in(2, 5));
      w.push_back(random.in(1, 4));
      strides.push_back(random.in(1, 3));
      dilations.push_back(random.in(1, 2));
      extra.push_back(random.in(0, std::max(strides[i], dilations[i]) - 1));
      // Pads up to what is there, and so beyond the kernel's reach: those crop.
      const int64_t size = (x[i + 2] - 1) * strides[i] + dilations[i] * (w[i + 2] - 1) + 1;
      pads[i] = random.in(0, std::min<int64_t>(size / 3, 3));
      pads[axes + i] = random.in(0, std::min<int64_t>(size / 3, 3));
    }
    std::vector<ValueId> inputs{b.input("x", x), b.weights(w)};
    if (random.chance(0.5)) inputs.push_back(b.weights({groups * out}));
    b.output(b.node("ConvTranspose", "y", inputs,
                    {{"group", groups},
                     {"strides", strides},
                     {"dilations", dilations},
                     {"pads", pads},
                     {"output_padding", extra}}));
    Graph after = b.graph();
    EXPECT_EQ(lower_conv_transpose(after), 1);
    EXPECT_EQ(after.nodes.back().op, "Conv");
    EXPECT_EQ(after.nodes.back().name, "y");
    expect_same_function(b.graph(), after, seed);
  }
}

TEST(LowerConvTranspose, NoDilateWithoutStrides) {
  GraphBuilder b(112);
  b.output(b.node("ConvTranspose", "y", {b.input("x", {1, 2, 4, 4}), b.weights({2, 3, 3, 3})}));
  Graph after = b.graph();
  EXPECT_EQ(lower_conv_transpose(after), 1);
  EXPECT_EQ(ops_of(after), Names({"Conv"}));
  expect_same_function(b.graph(), after, 112);
}

}  // namespace
}  // namespace weq::convert
