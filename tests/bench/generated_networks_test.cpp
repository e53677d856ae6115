// Every generated network: the baseline in float computes the same function as the converter's own
// float path, and the int8 baseline consists of fast implementations only.
#include <gtest/gtest.h>

#include <cmath>

#include "bench/networks/list.h"
#include "bench/onednn_network.h"
#include "converters/data/noise.h"
#include "converters/float/executor.h"
#include "converters/onnx/import.h"
#include "converters/passes/passes.h"
#include "tests/support/temp_folder.h"

namespace weq::test {
namespace {

convert::Graph generated(const std::string& name) {
  const TempFolder folder;
  const std::string bytes = bench::find_network(name)->make();
  convert::Graph graph = convert::import_onnx(folder.write(name + ".onnx", bytes));
  convert::prepare_for_quantization(graph);
  return graph;
}

class GeneratedNetworks : public testing::TestWithParam<std::string> {};

TEST_P(GeneratedNetworks, BaselineComputesWhatTheConverterDoes) {
  const convert::Graph graph = generated(GetParam());
  convert::Tensor input;
  input.shape = graph.value(graph.inputs[0]).shape;
  input.f.resize(static_cast<size_t>(convert::element_count(input.shape)));
  convert::Noise noise(1);
  for (float& value : input.f) value = noise.normal();
  convert::FloatExecutor executor(graph);
  executor.run({&input});
  const std::vector<float>& expected = executor.output(0).f;
  bench::OnednnNetwork baseline(graph, bench::Arithmetic::kFloat);
  baseline.set_input(input.f);
  baseline.run();
  const std::vector<float> computed = baseline.output();
  ASSERT_EQ(computed.size(), expected.size());
  double error = 0, power = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    error += std::pow(computed[i] - expected[i], 2);
    power += std::pow(expected[i], 2);
  }
  EXPECT_GT(power, 0);
  EXPECT_LT(error, 1e-8 * power);
}

TEST_P(GeneratedNetworks, Int8BaselineIsFast) {
  const convert::Graph graph = generated(GetParam());
  bench::OnednnNetwork baseline(graph, bench::Arithmetic::kInt8);
  for (const auto& step : baseline.steps())
    EXPECT_EQ(step.implementation.find("ref"), std::string::npos)
        << step.name << ": " << step.implementation;
}

INSTANTIATE_TEST_SUITE_P(All, GeneratedNetworks, testing::ValuesIn(bench::all_networks()),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace weq::test
