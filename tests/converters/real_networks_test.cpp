// Trained networks on real inputs, where ../shared/data lies beside the tree: the float path gives
// the accuracy that others measured, conversion at eight bits stays close to it, six bits closely
// behind.
#include <gtest/gtest.h>

#include <filesystem>

#include "converters/convert.h"
#include "converters/report/compare.h"
#include "converters/report/evaluate.h"
#include "tests/support/onnx_builder.h"

namespace weq::test {
namespace {

struct RealNetwork {
  const char* name;
  const char* calibration;
  const char* inputs;
  const char* labels;    // "": the records hold them
  double top1;           // float, percent of all inputs (baseline.csv)
  double agreement, db;  // at (8,8), at least
  double six_agreement, six_db;
};

const RealNetwork kNetworks[] = {
    {"cifar_resnet20", "cifar10/calib.bin", "cifar10/test.bin", "", 91.48, 98.5, 30, 97, 22},
    {"ic_resnet8", "cifar10/calib.bin", "cifar10/test.bin", "", 87.02, 98, 30, 96, 24},
    {"kws_dscnn", "kws/calib_x.npy", "kws/test_x.npy", "kws/test_y.npy", 91.67, 98.5, 30, 97, 26},
};

class RealNetworks : public testing::TestWithParam<RealNetwork> {};

TEST_P(RealNetworks, StayCloseToFloat) {
  const RealNetwork& network = GetParam();
  const std::string data = std::string(WEQ_SOURCE_DIR) + "/../shared/data/";
  if (!std::filesystem::is_directory(data)) GTEST_SKIP() << "no real networks in " << data;
  const std::string model = data + "models/" + network.name;
  const Preprocess preprocess = convert::read_preprocess(model + ".json");

  convert::NetworkOptions reference_options;
  reference_options.preprocess = preprocess;
  reference_options.prepared = true;
  const convert::Network reference = convert::open_network(model + ".onnx", reference_options);
  convert::SourceOptions source;
  source.path = data + network.inputs;
  if (*network.labels) source.labels = data + network.labels;
  source.limit = 600;
  const auto inputs = convert::open_source(source, preprocess, reference.input_shape(0));
  const convert::EvaluateOptions evaluate_options;
  const auto evaluation = convert::evaluate(reference, *inputs, evaluate_options);
  // 600 of up to 5,000 inputs: within three sigma of a sample.
  EXPECT_NEAR(*evaluation.top1, network.top1, 4.5);

  const TemporaryFolder folder;
  for (const int bits : {8, 6}) {
    convert::ConvertOptions options;
    options.model = model + ".onnx";
    options.output = folder.file("net.weq");
    options.preprocess = preprocess;
    options.calibration.path = data + network.calibration;
    options.calibration.limit = 128;
    options.bits = {bits, 0, bits};
    convert::convert(options);
    const convert::Network quantized = convert::open_network(options.output, {});
    const auto result = convert::compare(reference, quantized, *inputs, evaluate_options);
    EXPECT_EQ(result.images, 600);
    EXPECT_GE(result.agreement, bits == 8 ? network.agreement : network.six_agreement) << bits;
    EXPECT_GE(result.snr_db, bits == 8 ? network.db : network.six_db) << bits;
  }
}

INSTANTIATE_TEST_SUITE_P(All, RealNetworks, testing::ValuesIn(kNetworks),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace weq::test
