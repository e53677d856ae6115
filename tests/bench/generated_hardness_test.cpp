// Generated networks are no easier on kernels than the trained ones that they stand for: converted
// at the same bits, their layers of each kind allow no longer runs between flushes and transform to
// no smaller weights, in the median over layers. Skips without trained networks beside the tree.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "bench/generated_model.h"
#include "bench/layer_facts.h"
#include "bench/networks/list.h"
#include "tests/support/temp_folder.h"

namespace weq::test {
namespace {

using bench::LayerFacts;

struct Twins {
  const char* generated;
  const char* trained;
  const char* bits;
};

const Twins kTwins[] = {
    {"resnet18", "resnet18_pqf", "4,4"},         {"resnet18", "resnet18_pqf", "2,2"},
    {"resnet18", "resnet18_pqf", "3L,4"},        {"squeezenet11", "squeezenet11", "4,4"},
    {"squeezenet11", "squeezenet11", "2,2"},     {"squeezenet11", "squeezenet11", "3L,4"},
    {"mobilenet_v1", "mobilenet_v1_075", "4,6"}, {"resnet50", "resnet50_pqf", "2,2"},
};
constexpr double kTolerance = 0.1;  // of a median
constexpr int64_t kPhotographs = 8;

std::string data_folder() { return std::string(WEQ_SOURCE_DIR) + "/../shared/data/"; }

std::string trained_model(const std::string& name, const TempFolder& folder) {
  const std::string path = data_folder() + "models/" + name + ".onnx";
  if (std::filesystem::exists(path)) return path;
  const std::string unpacked = folder.file(name + ".onnx");
  const std::string command = "xz -dkc '" + path + ".xz' > '" + unpacked + "'";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  return unpacked;
}

std::vector<LayerFacts> inner_layers(const std::string& weq) {
  std::vector<LayerFacts> layers = bench::layer_facts(weq);
  return {layers.begin() + 1, layers.end() - 1};  // the ends are at other bits
}

std::vector<LayerFacts> trained_layers(const Twins& twins, const TempFolder& folder) {
  bench::Conversion conversion{twins.bits, "8,8", std::nullopt, {}};
  conversion.preprocess =
      convert::read_preprocess(data_folder() + "models/" + twins.trained + ".json");
  conversion.calibration.path = data_folder() + "imagenet/calib";
  conversion.calibration.limit = kPhotographs;
  bench::convert_model(trained_model(twins.trained, folder), conversion,
                       folder.file("trained.weq"));
  return inner_layers(folder.file("trained.weq"));
}

// As bench_networks makes them.
std::vector<LayerFacts> generated_layers(const Twins& twins, const TempFolder& folder) {
  const std::string onnx =
      folder.write("generated.onnx", bench::find_network(twins.generated)->make());
  bench::convert_model(onnx, bench::generated_conversion(twins.bits), folder.file("generated.weq"));
  return inner_layers(folder.file("generated.weq"));
}

enum class Kind { kPoint, kWindow, kDepthwise };
constexpr const char* kKindNames[] = {"1x1", "3x3", "depthwise"};

Kind kind_of(const LayerFacts& layer) {
  if (layer.groups > 1) return Kind::kDepthwise;
  return layer.kernel > 1 ? Kind::kWindow : Kind::kPoint;
}

// Of the layers of `kind` that have the figure; NaN where none has.
double median(const std::vector<LayerFacts>& layers, Kind kind, int LayerFacts::*figure) {
  std::vector<int> values;
  for (const LayerFacts& layer : layers)
    if (kind_of(layer) == kind && layer.*figure > 0) values.push_back(layer.*figure);
  if (values.empty()) return std::nan("");
  std::sort(values.begin(), values.end());
  return 0.5 * (values[(values.size() - 1) / 2] + values[values.size() / 2]);
}

// `sign`: +1 where a larger figure is easier, -1 where a smaller one is.
void compare(const std::vector<LayerFacts>& generated, const std::vector<LayerFacts>& trained,
             const char* name, int LayerFacts::*figure, int sign) {
  for (const Kind kind : {Kind::kPoint, Kind::kWindow, Kind::kDepthwise}) {
    const double wanted = median(trained, kind, figure), got = median(generated, kind, figure);
    if (std::isnan(wanted) || std::isnan(got)) continue;
    std::printf("  %-9s %-16s trained %5.1f generated %5.1f\n", kKindNames[static_cast<int>(kind)],
                name, wanted, got);
    EXPECT_LE(sign * (got - wanted), std::max(1.0, kTolerance * wanted))
        << kKindNames[static_cast<int>(kind)] << " " << name << ": generated layers are easier";
  }
}

class GeneratedHardness : public testing::TestWithParam<Twins> {};

TEST_P(GeneratedHardness, IsThatOfTrainedNetworks) {
  const Twins& twins = GetParam();
  if (!std::filesystem::is_directory(data_folder()))
    GTEST_SKIP() << "no trained networks in " << data_folder();
  const TempFolder folder;
  const std::vector<LayerFacts> trained = trained_layers(twins, folder);
  const std::vector<LayerFacts> generated = generated_layers(twins, folder);
  compare(generated, trained, "flush of 3", &LayerFacts::lut_flush3, 1);
  compare(generated, trained, "flush of 2", &LayerFacts::lut_flush2, 1);
  compare(generated, trained, "16-bit flush", &LayerFacts::sum16_flush, 1);
  compare(generated, trained, "Winograd line", &LayerFacts::winograd_line, -1);
  compare(generated, trained, "Winograd centre", &LayerFacts::winograd_centre, -1);
  compare(generated, trained, "largest weight", &LayerFacts::weight_max, -1);
}

INSTANTIATE_TEST_SUITE_P(All, GeneratedHardness, testing::ValuesIn(kTwins), [](const auto& tested) {
  std::string name = std::string(tested.param.generated) + "_" + tested.param.bits;
  std::replace(name.begin(), name.end(), ',', '_');
  return name;
});

}  // namespace
}  // namespace weq::test
