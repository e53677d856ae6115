#include "converters/float/executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>
#include <thread>

#include "converters/onnx/import.h"
#include "converters/passes/passes.h"
#include "tests/support/float_graph.h"

namespace weq::convert {
namespace {

using namespace weq::test;

Tensor tensor(Shape shape, std::vector<float> data) {
  Tensor t;
  t.shape = std::move(shape);
  t.f = std::move(data);
  return t;
}

// y = relu(a - b), z = a + b, with a of y and z alive side by side.
Graph two_outputs() {
  GraphBuilder b;
  const ValueId x = b.input("a", {1, 2}), z = b.input("b", {1, 2});
  b.output(b.node("Relu", "y", {b.node("Sub", "d", {x, z})}));
  b.output(b.node("Add", "z", {x, z}));
  return b.graph();
}

TEST(Executor, ComputesAndKeepsOutputs) {
  const Graph graph = two_outputs();
  FloatExecutor executor(graph, 2);
  const Tensor a = tensor({2, 2}, {1, 2, 3, 4}), b = tensor({2, 2}, {4, 1, 1, 9});
  for (int repeat = 0; repeat < 2; ++repeat) {
    executor.run({&a, &b});
    EXPECT_EQ(executor.output(0).f, std::vector<float>({0, 1, 2, 0}));
    EXPECT_EQ(executor.output(1).f, std::vector<float>({5, 3, 4, 13}));
    EXPECT_EQ(executor.output(0).shape, Shape({2, 2}));
  }
  executor.run({&b, &a});
  EXPECT_EQ(executor.output(0).f, std::vector<float>({3, 0, 0, 5}));
}

// x + 1 + 1 + ...: every value differs, so a value whose memory were given away too early shows.
TEST(Executor, ObserversSeeEveryValueBeforeItsMemoryIsReused) {
  GraphBuilder b;
  const ValueId x = b.input("x", {1, 3});
  const ValueId one = b.constant({}, {1});
  std::vector<ValueId> chain{x};
  for (int i = 1; i <= 9; ++i)
    chain.push_back(b.node("Add", "v" + std::to_string(i), {chain.back(), one}));
  const ValueId late = b.node("Add", "late", {chain[9], chain[2]});
  b.output(late);
  FloatExecutor executor(b.graph());
  const Tensor input = tensor({1, 3}, {0, 10, 20});
  std::vector<ValueId> seen;
  executor.run({&input}, [&](ValueId id, const Tensor& value) {
    seen.push_back(id);
    const auto step = std::find(chain.begin(), chain.end(), id);
    if (step == chain.end()) return;
    const auto added = static_cast<float>(step - chain.begin());
    EXPECT_EQ(value.f, std::vector<float>({added, 10 + added, 20 + added}));
  });
  std::vector<ValueId> expected = chain;
  expected.push_back(late);
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(executor.output(0).f, std::vector<float>({11, 31, 51}));
}

TEST(Executor, MemoryDoesNotGrowWithDepth) {
  GraphBuilder b;
  ValueId y = b.input("x", {1, 64});
  for (int i = 0; i < 50; ++i) y = b.node("Relu", "r" + std::to_string(i), {y});
  b.output(y);
  FloatExecutor executor(b.graph());
  const Tensor input = tensor({1, 64}, std::vector<float>(64, 1));
  std::set<const float*> storage;
  executor.run({&input}, [&](ValueId id, const Tensor& value) {
    if (id != b.graph().inputs[0]) storage.insert(value.f.data());
  });
  EXPECT_EQ(storage.size(), 2u);
}

TEST(Executor, OutputsMayBeInputsOrConstants) {
  GraphBuilder b;
  const ValueId x = b.input("x", {1, 2});
  b.output(x);
  b.output(b.constant({2}, {7, 8}));
  FloatExecutor executor(b.graph());
  const Tensor input = tensor({1, 2}, {1, 2});
  executor.run({&input});
  EXPECT_EQ(executor.output(0).f, input.f);
  EXPECT_EQ(executor.output(1).f, std::vector<float>({7, 8}));
}

std::string error_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const ConvertError& error) {
    return error.what();
  }
  return "";
}

TEST(Executor, Errors) {
  const Graph graph = two_outputs();
  FloatExecutor executor(graph);
  const Tensor good = tensor({1, 2}, {1, 2}), bad = tensor({1, 3}, {1, 2, 3});
  EXPECT_EQ(error_of([&] { executor.run({&good}); }), "the network takes 2 inputs, not 1");
  EXPECT_EQ(error_of([&] { executor.run({&good, nullptr}); }), "input b: is not given");
  EXPECT_EQ(error_of([&] {
              executor.run({&good, &bad});
            }),
            "input b: has shape [1,3] where the network takes [1,2]; give an input of that shape "
            "and type");
  EXPECT_EQ(error_of([&] { FloatExecutor(graph, 0); }), "a batch of 0 is not possible");
  Graph fixed = graph;
  for (Value& value : fixed.values) value.batched = false;
  EXPECT_EQ(error_of([&] { FloatExecutor(fixed, 2); }),
            "the network's inputs have fixed shapes, so it cannot run at batch 2; run it at batch "
            "1");
}

TEST(Executor, OneNodeAlone) {
  GraphBuilder b(5);
  const ValueId x = b.input("x", {1, 3, 4, 4});
  const ValueId y = b.node("Conv", "conv", {x, b.weights({2, 3, 3, 3})});
  b.output(y);
  Random random(6);
  const Tensor input = tensor({2, 3, 5, 4}, random_floats(random, 120));
  std::vector<Tensor> outputs;
  std::shared_ptr<void> state;
  const Node& conv = b.graph().nodes[0];
  run_node(b.graph(), conv, {&input, nullptr}, &outputs, &state);
  ASSERT_EQ(outputs.at(0).shape, Shape({2, 2, 3, 2}));
  const Tensor& w = *b.graph().constant(conv.inputs[1]);
  double expected = 0;  // element [1, 1, 2, 0]
  for (size_t c = 0; c < 3; ++c)
    for (size_t i = 0; i < 3; ++i)
      for (size_t j = 0; j < 3; ++j)
        expected += input.f[((3 + c) * 5 + 2 + i) * 4 + j] * w.f[((3 + c) * 3 + i) * 3 + j];
  EXPECT_NEAR(outputs[0].f[(1 * 2 + 1) * 6 + 2 * 2], expected, 1e-4);
  EXPECT_EQ(error_of([&] { run_node(b.graph(), conv, {&input}, &outputs); }),
            "layer conv: takes 2 inputs, not 1");
  EXPECT_EQ(error_of([&] {
              run_node(b.graph(), conv, {nullptr, nullptr}, &outputs);
            }),
            "layer conv: input x is not given");
}

// Executors of one graph on several threads give the bits of one alone.
TEST(Executor, ThreadsDoNotDisturbEachOther) {
  GraphBuilder b(7);
  ValueId y = b.input("x", {1, 8, 12, 12});
  for (int i = 0; i < 4; ++i)
    y = b.node("Relu", "r" + std::to_string(i),
               {b.node("Conv", "c" + std::to_string(i), {y, b.weights({8, 8, 3, 3})},
                       {{"pads", Ints{1, 1, 1, 1}}})});
  b.output(y);
  const Graph& graph = b.graph();
  const std::vector<float> alone = run_on_random(graph, 8)[0].f;
  std::vector<std::vector<float>> results(4);
  std::vector<std::thread> threads;
  for (auto& result : results)
    threads.emplace_back([&graph, &result] { result = run_on_random(graph, 8)[0].f; });
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_EQ(result, alone);
}

TEST(Executor, RealNetworksGiveTheSameBeforeAndAfterThePasses) {
  const std::filesystem::path models =
      std::filesystem::path(WEQ_SOURCE_DIR) / "../shared/data/models";
  if (!std::filesystem::is_directory(models))
    GTEST_SKIP() << "no real networks in " << models << ": nothing compared";
  for (const char* name : {"ad_autoencoder", "cifar_resnet20", "ic_resnet8", "kws_dscnn",
                           "squeezenet11", "tiny_darknet", "vww_mobilenet025"}) {
    SCOPED_TRACE(name);
    const std::string path = (models / (std::string(name) + ".onnx")).string();
    const Graph raw = import_onnx(path);
    EXPECT_TRUE(raw.value(raw.inputs[0]).batched);
    EXPECT_TRUE(raw.value(raw.outputs[0]).batched);
    Graph simple = raw, prepared = raw;
    simplify(simple);
    prepare_for_quantization(prepared);
    const Tensor expected = run_on_random(raw, 9, 2)[0];
    expect_close(expected, run_on_random(simple, 9, 2)[0]);
    expect_close(expected, run_on_random(prepared, 9, 2)[0]);
    EXPECT_EQ(std::count_if(prepared.nodes.begin(), prepared.nodes.end(),
                            [](const Node& n) {
                              return n.op == "BatchNormalization" || n.op == "Relu" ||
                                     n.op == "Gemm" || n.op == "Flatten";
                            }),
              0);
  }
}

}  // namespace
}  // namespace weq::convert
