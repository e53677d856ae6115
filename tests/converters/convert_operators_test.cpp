// Every operator that runs quantized, one small network each: converted at eight bits, run by the
// engine at batch 2 on inputs that calibration has not seen, and held against the float network.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "converters/convert.h"
#include "converters/data/npy.h"
#include "converters/float/executor.h"
#include "tests/support/small_net.h"
#include "weq/weq.hpp"

namespace weq::test {
namespace {

constexpr int64_t kChannels = 4, kSize = 12, kWide = 8;

struct Case {
  const char* name;
  // Adds nodes from "a" (after Conv and Relu: [N,8,12,12], not negative) or "s" (the same without
  // Relu), to "y".
  std::function<void(SmallNet& net)> build;
  double least_db = 25;
};

convert::Tensor random_inputs(int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.1f, 1.0f);
  convert::Tensor tensor;
  tensor.shape = {count, kChannels, kSize, kSize};
  for (int64_t i = 0; i < convert::element_count(tensor.shape); ++i) {
    tensor.f.push_back(normal(random));
  }
  return tensor;
}

void unary(SmallNet& net, const char* op) { net.node(op, {"s"}, {"y"}, "under_test"); }

std::vector<Case> cases() {
  std::vector<Case> list;
  const auto add = [&](const char* name, std::function<void(SmallNet&)> build, double db = 25) {
    list.push_back({name, std::move(build), db});
  };
  for (const char* op : {"Relu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Elu", "Selu",
                         "Softplus", "Softsign", "Abs", "Neg", "Erf", "Identity"}) {
    add(op, [op](SmallNet& net) { unary(net, op); });
  }
  add(
      "Exp", [](SmallNet& net) { unary(net, "Exp"); }, 18);
  add("Sqrt", [](SmallNet& net) { net.node("Sqrt", {"a"}, {"y"}, "t"); });
  add("LeakyRelu",
      [](SmallNet& net) { set(net.node("LeakyRelu", {"s"}, {"y"}, "t"), "alpha", 0.1f); });
  add("Clip", [](SmallNet& net) {
    net.floats("lo", {}, {0.0f}).floats("hi", {}, {1.5f});
    net.node("Clip", {"s", "lo", "hi"}, {"y"}, "t");
  });
  add("ClipFarFromZero", [](SmallNet& net) {
    net.floats("lo", {}, {-0.5f}).floats("hi", {}, {0.75f});
    net.node("Clip", {"s", "lo", "hi"}, {"y"}, "t");
  });
  add("PRelu", [](SmallNet& net) {
    net.floats("slope", {kWide, 1, 1}, net.normal(kWide, 0.3f));
    net.node("PRelu", {"s", "slope"}, {"y"}, "t");
  });
  add("Pow", [](SmallNet& net) {
    net.floats("e", {}, {2.0f});
    net.node("Pow", {"s", "e"}, {"y"}, "t");
  });
  add("DepthwiseConv", [](SmallNet& net) { net.conv("a", "y", kWide, kWide, 3, 1, kWide); });
  add("GroupedConv", [](SmallNet& net) { net.conv("a", "y", kWide, 6, 3, 2, 2); });
  add("Conv5x5", [](SmallNet& net) { net.conv("s", "y", kWide, 16, 5); });
  add("DilatedConv", [](SmallNet& net) {
    net.floats("w", {5, kWide, 3, 3}, net.normal(5 * kWide * 9, 0.2f));
    auto& n = net.node("Conv", {"a", "w"}, {"y"}, "t");
    set(n, "dilations", std::vector<int64_t>{2, 1});
    set(n, "pads", std::vector<int64_t>{0, 1, 2, 0});
  });
  add("ConvTranspose", [](SmallNet& net) {
    net.floats("w", {kWide, 5, 3, 3}, net.normal(5 * kWide * 9, 0.2f));
    auto& n = net.node("ConvTranspose", {"a", "w"}, {"y"}, "t");
    set(n, "strides", std::vector<int64_t>{2, 2});
    set(n, "pads", std::vector<int64_t>{1, 1, 1, 1});
    set(n, "output_padding", std::vector<int64_t>{1, 1});
  });
  add("BatchNormalization", [](SmallNet& net) {
    net.floats("g", {kWide}, net.normal(kWide, 0.3f, 1))
        .floats("b", {kWide}, net.normal(kWide, 0.3f));
    net.floats("m", {kWide}, net.normal(kWide, 0.3f))
        .floats("v", {kWide}, std::vector<float>(kWide, 0.8f));
    net.node("BatchNormalization", {"a", "g", "b", "m", "v"}, {"n"}, "t");
    net.node("Relu", {"n"}, {"y"}, "r");
  });
  add("MaxPool", [](SmallNet& net) {
    auto& n = net.node("MaxPool", {"a"}, {"y"}, "t");
    set(n, "kernel_shape", std::vector<int64_t>{3, 3});
    set(n, "strides", std::vector<int64_t>{2, 2});
    set(n, "pads", std::vector<int64_t>{1, 1, 0, 0});
  });
  add("AveragePool", [](SmallNet& net) {
    auto& n = net.node("AveragePool", {"a"}, {"y"}, "t");
    set(n, "kernel_shape", std::vector<int64_t>{3, 3});
    set(n, "strides", std::vector<int64_t>{2, 2});
    set(n, "pads", std::vector<int64_t>{1, 1, 1, 1});
  });
  add("GlobalAveragePool", [](SmallNet& net) { net.node("GlobalAveragePool", {"s"}, {"y"}, "t"); });
  add("GlobalMaxPool", [](SmallNet& net) { net.node("GlobalMaxPool", {"s"}, {"y"}, "t"); });
  add("ReduceMean", [](SmallNet& net) {
    auto& n = net.node("ReduceMean", {"a"}, {"y"}, "t");
    set(n, "axes", std::vector<int64_t>{2, 3});
    set(n, "keepdims", int64_t{0});
  });
  add("ReduceMax", [](SmallNet& net) {
    auto& n = net.node("ReduceMax", {"a"}, {"y"}, "t");
    set(n, "axes", std::vector<int64_t>{2, 3});
  });
  add("ReduceSum", [](SmallNet& net) {
    net.ints("axes", {2, 3});
    net.node("ReduceSum", {"a", "axes"}, {"y"}, "t");
  });
  add("LRN", [](SmallNet& net) {
    auto& n = net.node("LRN", {"a"}, {"y"}, "t");
    set(n, "size", int64_t{5});
    set(n, "alpha", 0.5f);
    set(n, "beta", 0.75f);
  });
  add("Softmax",
      [](SmallNet& net) { set(net.node("Softmax", {"s"}, {"y"}, "t"), "axis", int64_t{1}); });
  add("LogSoftmax",
      [](SmallNet& net) { set(net.node("LogSoftmax", {"s"}, {"y"}, "t"), "axis", int64_t{1}); });
  add("AddTensors", [](SmallNet& net) {
    net.conv("a", "b", kWide, kWide);
    net.node("Add", {"s", "b"}, {"y"}, "t");
  });
  add("AddBroadcast", [](SmallNet& net) {
    net.node("GlobalAveragePool", {"a"}, {"g"}, "g");
    net.node("Add", {"s", "g"}, {"y"}, "t");
  });
  add("AddConstantPlane", [](SmallNet& net) {
    net.floats("c", {1, 1, kSize, kSize}, net.normal(kSize * kSize, 1));
    net.node("Add", {"a", "c"}, {"y"}, "t");
  });
  add("SubTensors", [](SmallNet& net) {
    net.conv("a", "b", kWide, kWide);
    net.node("Sub", {"s", "b"}, {"y"}, "t");
  });
  add("SumOfThree", [](SmallNet& net) {
    net.conv("a", "b", kWide, kWide);
    net.node("Sum", {"a", "b", "s"}, {"y"}, "t");
  });
  add("MulGate", [](SmallNet& net) {
    net.node("GlobalAveragePool", {"a"}, {"g"}, "g");
    net.conv("g", "h", kWide, kWide, 1);
    net.node("Sigmoid", {"h"}, {"k"}, "k");
    net.node("Mul", {"a", "k"}, {"y"}, "t");
  });
  add("DivByConstant", [](SmallNet& net) {
    net.floats("c", {}, {3.0f});
    net.node("Div", {"s", "c"}, {"y"}, "t");
  });
  add("MaxOfTwo", [](SmallNet& net) {
    net.conv("a", "b", kWide, kWide);
    net.node("Max", {"s", "b"}, {"y"}, "t");
  });
  add("MinOfThree", [](SmallNet& net) {
    net.conv("a", "b", kWide, kWide);
    net.floats("c", {}, {0.7f});
    net.node("Min", {"s", "b", "c"}, {"y"}, "t");
  });
  add("Concat", [](SmallNet& net) {
    net.conv("a", "b", kWide, 5);
    set(net.node("Concat", {"a", "b", "s"}, {"y"}, "t"), "axis", int64_t{1});
  });
  add("ConcatHeight", [](SmallNet& net) {
    set(net.node("Concat", {"a", "s"}, {"y"}, "t"), "axis", int64_t{-2});
  });
  add("ConcatWithInput", [](SmallNet& net) {
    set(net.node("Concat", {"a", "x"}, {"y"}, "t"), "axis", int64_t{1});
  });
  add("SplitAndConcat", [](SmallNet& net) {
    set(net.node("Split", {"s"}, {"p", "q"}, "t"), "axis", int64_t{1});
    set(net.node("Concat", {"q", "p"}, {"y"}, "c"), "axis", int64_t{1});
  });
  add("Slice", [](SmallNet& net) {
    net.ints("starts", {1, -1}).ints("ends", {9, -12}).ints("axes", {2, 3}).ints("steps", {2, -3});
    net.node("Slice", {"s", "starts", "ends", "axes", "steps"}, {"y"}, "t");
  });
  add("Transpose", [](SmallNet& net) {
    set(net.node("Transpose", {"s"}, {"y"}, "t"), "perm", std::vector<int64_t>{0, 2, 3, 1});
  });
  add("ChannelShuffle", [](SmallNet& net) {
    net.ints("five", {0, 2, 4, kSize, kSize}).ints("four", {0, kWide, kSize, kSize});
    net.node("Reshape", {"a", "five"}, {"r"}, "r");
    set(net.node("Transpose", {"r"}, {"q"}, "q"), "perm", std::vector<int64_t>{0, 2, 1, 3, 4});
    net.node("Reshape", {"q", "four"}, {"p"}, "p");
    net.conv("p", "y", kWide, 5);
  });
  add("DepthToSpace", [](SmallNet& net) {
    set(net.node("DepthToSpace", {"s"}, {"y"}, "t"), "blocksize", int64_t{2});
  });
  add("FlattenGemm", [](SmallNet& net) {
    net.node("Flatten", {"a"}, {"f"}, "f");
    const int64_t in = kWide * kSize * kSize;
    net.floats("w", {7, in}, net.normal(7 * in, 0.05f)).floats("b", {7}, net.normal(7, 0.5f));
    set(net.node("Gemm", {"f", "w", "b"}, {"y"}, "t"), "transB", int64_t{1});
  });
  add("MatMulRank3", [](SmallNet& net) {
    net.ints("shape", {0, kWide, kSize * kSize});
    net.node("Reshape", {"a", "shape"}, {"r"}, "r");
    net.floats("w", {kSize * kSize, 6}, net.normal(kSize * kSize * 6, 0.1f));
    net.node("MatMul", {"r", "w"}, {"y"}, "t");
  });
  add("PadReflect", [](SmallNet& net) {
    net.ints("pads", {0, 0, 2, 1, 0, 0, 1, 3});
    set(net.node("Pad", {"s", "pads"}, {"y"}, "t"), "mode", "reflect");
  });
  add("PadChannels", [](SmallNet& net) {
    net.ints("pads", {0, 2, 0, 0, 0, 3, 0, 0});
    net.node("Pad", {"s", "pads"}, {"y"}, "t");
  });
  add("ResizeNearest", [](SmallNet& net) {
    net.floats("scales", {4}, {1, 1, 2, 3});
    auto& n = net.node("Resize", {"s", "", "scales"}, {"y"}, "t");
    set(n, "mode", "nearest");
    set(n, "coordinate_transformation_mode", "asymmetric");
    set(n, "nearest_mode", "floor");
  });
  add("ResizeLinear", [](SmallNet& net) {
    net.floats("scales", {4}, {1, 1, 2, 2});
    auto& n = net.node("Resize", {"s", "", "scales"}, {"y"}, "t");
    set(n, "mode", "linear");
  });
  add("Gather", [](SmallNet& net) {
    net.ints("i", {3, 0, 5});
    set(net.node("Gather", {"s", "i"}, {"y"}, "t"), "axis", int64_t{1});
  });
  add("Expand", [](SmallNet& net) {
    net.node("GlobalMaxPool", {"s"}, {"g"}, "g");
    net.ints("shape", {1, kWide, 3, 2});
    net.node("Expand", {"g", "shape"}, {"y"}, "t");
  });
  add("SqueezeUnsqueeze", [](SmallNet& net) {
    net.node("GlobalAveragePool", {"s"}, {"g"}, "g");
    net.ints("axes", {2, 3});
    net.node("Squeeze", {"g", "axes"}, {"q"}, "q");
    net.ints("axis", {1});
    net.node("Unsqueeze", {"q", "axis"}, {"y"}, "t");
  });
  return list;
}

class ConvertOperators : public testing::TestWithParam<size_t> {};

TEST_P(ConvertOperators, QuantizedRunsCloseToFloat) {
  const Case test = cases()[GetParam()];
  SmallNet net;
  net.input("x", {-1, kChannels, kSize, kSize}).output("y");
  net.conv("x", "s", kChannels, kWide);
  net.node("Relu", {"s"}, {"a"}, "relu");
  test.build(net);

  const TemporaryFolder folder;
  convert::ConvertOptions options;
  options.model = net.write(folder);
  options.output = folder.file("out.weq");
  options.calibration.path = folder.file("calib.npy");
  options.threads = 2;
  convert::write_npy(options.calibration.path, random_inputs(24, 1));
  convert::convert(options);

  constexpr int64_t kBatch = 2;
  const convert::Tensor inputs = random_inputs(kBatch, 2);
  const convert::Graph graph = convert::import_onnx(options.model);
  convert::FloatExecutor executor(graph, kBatch);
  executor.run({&inputs});
  const convert::Tensor& expected = executor.output(0);

  std::shared_ptr<const Model> model;
  const Status opened = Model::from_file(options.output, &model);
  ASSERT_TRUE(opened.ok()) << opened.message();
  SessionOptions session_options;
  session_options.batch = kBatch;
  std::unique_ptr<Session> session;
  const Status created = Session::create(model, session_options, &session);
  ASSERT_TRUE(created.ok()) << created.message();
  ASSERT_EQ(session->outputs()[0].shape, expected.shape);
  ASSERT_TRUE(session->set_input_float(0, inputs.f.data(), inputs.f.size()).ok());
  ASSERT_TRUE(session->run().ok());
  std::vector<float> actual(expected.f.size());
  const Status got = session->get_output_float(0, actual.data(), actual.size());
  ASSERT_TRUE(got.ok()) << got.message();

  double signal = 0, noise = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    const double f = static_cast<double>(expected.f[i]), d = f - static_cast<double>(actual[i]);
    signal += f * f;
    noise += d * d;
  }
  const double db = 10 * std::log10(signal / std::max(noise, 1e-30));
  EXPECT_GE(db, test.least_db);
  RecordProperty("snr_db", std::to_string(db));
}

INSTANTIATE_TEST_SUITE_P(All, ConvertOperators, testing::Range(size_t{0}, cases().size()),
                         [](const auto& info) { return std::string(cases()[info.param].name); });

}  // namespace
}  // namespace weq::test
