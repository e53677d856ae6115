// The passes in their order, on small networks that have everything in them.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "converters/passes/passes.h"
#include "tests/support/float_graph.h"

namespace weq::convert {
namespace {

using namespace weq::test;
using Names = std::vector<std::string>;

ValueId block(GraphBuilder& b, const std::string& name, ValueId x, int64_t channels) {
  const ValueId y = b.node("Conv", name + "/conv", {x, b.weights({channels, channels, 3, 3})},
                           {{"pads", Ints{1, 1, 1, 1}}});
  return b.node("BatchNormalization", name,
                {y, b.positive({channels}), b.weights({channels}), b.weights({channels}),
                 b.positive({channels})});
}

TEST(Prepare, AResidualNetworkBecomesConvolutions) {
  GraphBuilder b(141);
  const ValueId x = b.input("x", {1, 4, 6, 6});
  const ValueId a = b.node("Relu", "a", {block(b, "first", x, 4)});
  const ValueId s = b.node("Add", "s", {block(b, "second", a, 4), a});
  const ValueId p = b.node("GlobalAveragePool", "p", {b.node("Relu", "r", {s})});
  const ValueId f = b.node("Flatten", "f", {b.node("Dropout", "d", {p})});
  b.output(b.node("Gemm", "y", {f, b.weights({4, 5}), b.weights({5})}));
  Graph after = b.graph();
  prepare_for_quantization(after);
  EXPECT_EQ(ops_of(after), Names({"Conv", "Conv", "GlobalAveragePool", "Reshape", "Conv"}));
  EXPECT_EQ(after.value(after.nodes[1].outputs[0]).name, "r");
  expect_same_function(b.graph(), after, 141);
  Graph simple = b.graph();
  simplify(simple);
  EXPECT_EQ(std::count_if(simple.nodes.begin(), simple.nodes.end(),
                          [](const Node& n) { return n.op == "BatchNormalization"; }),
            0);
  expect_same_function(b.graph(), simple, 141);
}

// Random chains and branches of everything that a pass touches.
Graph random_network(uint64_t seed) {
  GraphBuilder b(seed);
  Random& random = b.random();
  std::vector<ValueId> open{b.input("x", {1, 4, 6, 6})};
  for (int i = 0; i < 14; ++i) {
    const std::string name = "n" + std::to_string(i);
    const ValueId x = random.of(open);
    const ValueId other = random.of(open);
    ValueId y = x;
    switch (random.in(0, 9)) {
      case 0:
        y = block(b, name, x, 4);
        break;
      case 1:
        y = b.node("Relu", name, {x});
        break;
      case 2:
        y = b.node("Add", name, {x, other});
        break;
      case 3:
        y = b.node("Mul", name, {x, b.weights({4, 1, 1})});
        break;
      case 4:
        y = b.node("Sub", name, {b.weights({1, 4, 1, 1}), x});
        break;
      case 5:
        y = b.node("Identity", name, {x});
        break;
      case 6:
        y = b.node("Clip", name, {x}, {{"min", -1.0F}, {"max", 1.0F}});
        break;
      case 7:
        y = b.node("Sum", name, {x, other, x});
        break;
      case 8:
        y = b.node("MatMul", name, {x, b.weights({6, 6})});
        break;
      default: {
        const auto parts = b.node_outputs("Split", name, {x}, 2, {{"axis", int64_t{1}}});
        y = b.node("Concat", name + "/joined", {parts[1], parts[0]}, {{"axis", int64_t{1}}});
      }
    }
    open.push_back(y);
  }
  b.output(open.back());
  b.output(open[open.size() / 2]);
  return b.graph();
}

TEST(Prepare, RandomNetworksKeepTheirFunctionAndOrder) {
  for (uint64_t seed = 1; seed <= 80; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Graph before = random_network(seed);
    Graph after = before;
    prepare_for_quantization(after);
    std::set<ValueId> written(after.inputs.begin(), after.inputs.end());
    std::set<std::string> names, values;
    for (const Value& value : after.values) EXPECT_TRUE(values.insert(value.name).second);
    for (const Node& node : after.nodes) {
      EXPECT_TRUE(names.insert(node.name).second) << node.name;
      for (ValueId id : node.inputs)
        EXPECT_TRUE(id == kNoValue || after.constant(id) != nullptr || written.count(id) > 0);
      for (ValueId id : node.outputs) EXPECT_TRUE(written.insert(id).second);
    }
    expect_same_function(before, after, seed);
  }
}

}  // namespace
}  // namespace weq::convert
