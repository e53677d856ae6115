// The parts of the walk: which values share a code, image inputs, moved boundaries, encoders,
// choices.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "converters/float/executor.h"
#include "converters/passes/passes.h"
#include "converters/quantize/layer_weights.h"
#include "converters/walk/activation_inverse.h"
#include "converters/walk/choices.h"
#include "converters/walk/code_classes.h"
#include "converters/walk/fast_encoder.h"
#include "converters/walk/image_input.h"
#include "tests/support/small_net.h"

namespace weq::test {
namespace {

using convert::Graph;
using convert::Node;
using convert::Storage;

convert::ValueId value_named(const Graph& graph, const std::string& name) {
  for (size_t i = 0; i < graph.values.size(); ++i) {
    if (graph.values[i].name == name) return static_cast<int>(i);
  }
  ADD_FAILURE() << "no value " << name;
  return 0;
}

Graph two_branches() {
  SmallNet net;
  net.input("x", {-1, 4, 8, 8}).output("y");
  net.conv("x", "p", 4, 6);
  net.conv("x", "q", 4, 5);
  net.node("Relu", {"q"}, {"r"}, "r");
  set(net.node("Concat", {"p", "r"}, {"c"}, "c"), "axis", int64_t{1});
  auto& pool = net.node("MaxPool", {"c"}, {"m"}, "m");
  set(pool, "kernel_shape", std::vector<int64_t>{2, 2});
  net.conv("m", "s", 11, 3);
  net.node("GlobalAveragePool", {"s"}, {"g"}, "g");
  set(net.node("Flatten", {"g"}, {"f"}, "f"), "axis", int64_t{1});
  set(net.node("Softmax", {"f"}, {"y"}, "y"), "axis", int64_t{1});
  Graph graph = net.import();
  convert::prepare_for_quantization(graph);
  return graph;
}

TEST(CodeClasses, MoversShareOneCodeAndTheEndStaysRaw) {
  const Graph graph = two_branches();
  const auto classes =
      convert::find_code_classes(graph, std::vector<bool>(graph.nodes.size(), false));
  const auto class_of = [&](const char* name) {
    return classes.class_of[static_cast<size_t>(value_named(graph, name))];
  };
  const auto storage = [&](const char* name) {
    return classes.storage[static_cast<size_t>(value_named(graph, name))];
  };
  EXPECT_GE(class_of("c"), 0);
  EXPECT_EQ(class_of("p"), class_of("c"));
  EXPECT_EQ(class_of("r"), class_of("c"));
  EXPECT_EQ(class_of("m"), class_of("c"));
  EXPECT_NE(class_of("x"), class_of("c"));
  EXPECT_NE(class_of("s"), class_of("c"));
  EXPECT_EQ(storage("g"), Storage::kUnits);
  EXPECT_EQ(storage("f"), Storage::kUnits);
  EXPECT_EQ(storage("y"), Storage::kFloat);
}

TEST(CodeClasses, AnInputThatIsConcatenatedKeepsItsOwnCode) {
  SmallNet net;
  net.input("x", {-1, 4, 8, 8}).output("y");
  net.conv("x", "p", 4, 6);
  set(net.node("Concat", {"p", "x"}, {"c"}, "c"), "axis", int64_t{1});
  net.conv("c", "y", 10, 3);
  Graph graph = net.import();
  convert::prepare_for_quantization(graph);
  EXPECT_EQ(convert::separate_inputs(graph), 1);
  const auto classes =
      convert::find_code_classes(graph, std::vector<bool>(graph.nodes.size(), false));
  EXPECT_NE(classes.class_of[static_cast<size_t>(graph.inputs[0])],
            classes.class_of[static_cast<size_t>(value_named(graph, "c"))]);
  EXPECT_EQ(convert::separate_inputs(graph), 0);
}

TEST(ImageInput, CentredPixelsGiveWhatNormalisedOnesGave) {
  SmallNet net;
  net.input("x", {-1, 3, 8, 8}).output("y");
  net.conv("x", "y", 3, 6);
  const Graph before = net.import();
  Graph after = before;
  Preprocess preprocess;
  preprocess.scale = 1.0f / 255;
  preprocess.mean = {0.4f, 0.5f, 0.6f};
  preprocess.std = {0.2f, 0.25f, 0.3f};
  const auto image = convert::fold_image_input(after, preprocess);
  ASSERT_TRUE(image.active);
  convert::Tensor input;
  input.shape = {1, 3, 8, 8};
  std::mt19937 random(5);
  for (int i = 0; i < 3 * 64; ++i) {
    const float pixel = static_cast<float>(random() % 256);
    const size_t c = static_cast<size_t>(i / 64);
    input.f.push_back((pixel * preprocess.scale - preprocess.mean[c]) / preprocess.std[c]);
  }
  convert::FloatExecutor a(before), b(after);
  a.run({&input});
  const convert::Tensor expected = a.output(0);
  convert::centre_pixels(image, &input);
  EXPECT_NEAR(input.f[0] + image.mean_pixel[0], std::round(input.f[0] + image.mean_pixel[0]), 1e-3);
  b.run({&input});
  for (size_t i = 0; i < expected.f.size(); ++i) {
    EXPECT_NEAR(b.output(0).f[i], expected.f[i], 1e-4) << i;
  }
}

TEST(ActivationInverse, IsWhereTheFunctionReachesTheValue) {
  const struct {
    const char* name;
    std::vector<float> params;
  } functions[] = {{"Relu", {}},     {"LeakyRelu", {0.1f}},
                   {"Clip", {0, 6}}, {"Sigmoid", {}},
                   {"Tanh", {}},     {"HardSigmoid", {0.2f, 0.5f}},
                   {"Elu", {1}},     {"Selu", {1.67f, 1.05f}},
                   {"Softplus", {}}, {"Softsign", {}}};
  for (const auto& function : functions) {
    Node node;
    node.attributes["activation"] = std::string(function.name);
    if (!function.params.empty()) node.attributes["activation_params"] = function.params;
    const auto f = [&](double x) {
      std::vector<float> value = {static_cast<float>(x)};
      convert::apply_activation(node, &value);
      return static_cast<double>(value[0]);
    };
    for (double y = -2.05; y < 7; y += 0.1) {
      const double x = convert::inverse_activation(node, y);
      if (x == std::numeric_limits<double>::infinity()) {
        EXPECT_LT(f(1e6), y + 1e-6) << function.name << " never reaches " << y;
      } else if (x == -std::numeric_limits<double>::infinity()) {
        EXPECT_GE(f(-50), y - 1e-6) << function.name << " always reaches " << y;
      } else {
        EXPECT_GE(f(x + 1e-4), y - 1e-6) << function.name << " at " << y;
        EXPECT_LE(f(x - 1e-4), y + 1e-6) << function.name << " at " << y;
      }
    }
  }
}

TEST(FastEncoder, CountsBoundariesForEveryFloat) {
  std::mt19937 random(11);
  std::normal_distribution<double> normal(0, 1);
  for (size_t count : {size_t{0}, size_t{1}, size_t{15}, size_t{255}}) {
    std::vector<double> boundaries;
    for (size_t i = 0; i < count; ++i) boundaries.push_back(normal(random));
    std::sort(boundaries.begin(), boundaries.end());
    const convert::FastEncoder encode(boundaries);
    std::vector<float> probes = {0.0f,
                                 -0.0f,
                                 1e30f,
                                 -1e30f,
                                 std::numeric_limits<float>::infinity(),
                                 -std::numeric_limits<float>::infinity()};
    for (double b : boundaries) {
      const float at = static_cast<float>(b);
      for (float x : {at, std::nextafter(at, -9.0f), std::nextafter(at, 9.0f)}) probes.push_back(x);
    }
    for (int i = 0; i < 20000; ++i) probes.push_back(static_cast<float>(2 * normal(random)));
    for (float x : probes) {
      const auto expected =
          std::upper_bound(boundaries.begin(), boundaries.end(), static_cast<double>(x)) -
          boundaries.begin();
      ASSERT_EQ(encode(x), expected) << x << " among " << count;
    }
  }
}

TEST(LayerWeights, RepresentableWeightsComeBackInTheirOwnOrder) {
  convert::Tensor weights;
  weights.shape = {3, 2, 2, 2};
  for (int i = 0; i < 24; ++i) weights.f.push_back(0.25f * static_cast<float>(i % 7 - 3));
  convert::WeightOptions options;
  options.levels = 7;
  options.channel_scale = false;
  const auto quantized = convert::quantize_weights(weights, 1, {}, options);
  const auto back = convert::dequantize_weights(quantized, weights.shape);
  for (size_t i = 0; i < weights.f.size(); ++i) EXPECT_NEAR(back.f[i], weights.f[i], 1e-5) << i;
  // Canonical order: out, row, column, in.
  const auto level = [&](size_t i) { return int{quantized.levels[quantized.codes[i]]}; };
  EXPECT_NEAR(quantized.scales[0] * level(1), weights.f[4], 1e-5);  // in 1 of the first tap
}

TEST(LayerWeights, ManyZerosKeepZeroWithinTheBitsAskedFor) {
  convert::Tensor weights;
  weights.shape = {4, 16, 3, 3};
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0, 1);
  for (int i = 0; i < 4 * 16 * 9; ++i) weights.f.push_back(random() % 3 ? 0.0f : normal(random));
  convert::WeightOptions options;
  options.levels = 16;
  const auto quantized = convert::quantize_weights(weights, 1, {}, options);
  EXPECT_EQ(quantized.bits, 4);
  const auto back = convert::dequantize_weights(quantized, weights.shape);
  for (size_t i = 0; i < weights.f.size(); ++i) {
    if (weights.f[i] == 0) {
      EXPECT_EQ(back.f[i], 0) << i;
    }
  }
}

TEST(Choices, OverridesWinAndUnknownLayersAreNamed) {
  const Graph graph = two_branches();
  convert::ConvertOptions options;
  options.bits.weight_bits = 4;
  options.bits.activation_bits = 5;
  options.first = convert::LayerBits{8, 0, 8};
  options.layers["q"] = convert::LayerBits{0, 3, 4};
  const auto choices = convert::choose_bits(graph, options);
  for (size_t k = 0; k < graph.nodes.size(); ++k) {
    const std::string& name = graph.nodes[k].name;
    if (name == "p") {
      EXPECT_EQ(choices[k].weight_levels, 256);
    }
    if (name == "s") {
      EXPECT_EQ(choices[k].weight_levels, 16);
    }
    if (name == "q") {
      EXPECT_EQ(choices[k].weight_levels, 3);
    }
    if (name == "s") {
      EXPECT_EQ(choices[k].activation_bits, 5);
    }
  }
  options.layers["qq"] = convert::LayerBits{4, 0, 4};
  try {
    convert::choose_bits(graph, options);
    ADD_FAILURE() << "an unknown layer is accepted";
  } catch (const convert::ConvertError& error) {
    EXPECT_NE(std::string(error.what()).find("no such layer; near names: q"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace weq::test
