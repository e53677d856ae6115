// The bundled network, from ONNX to answers: accuracy at several bits, the same bytes from any
// number of threads, the same output bits from every ISA, kernel family, thread count and batch.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "converters/convert.h"
#include "converters/data/npy.h"
#include "kernels/isa.h"
#include "tests/support/onnx_builder.h"
#include "weq/weq.hpp"

namespace weq::test {
namespace {

const std::string kGlyphs = std::string(WEQ_SOURCE_DIR) + "/examples/glyphs/";
constexpr size_t kPixels = 28 * 28, kClasses = 36;

convert::ConvertOptions glyph_options(const std::string& output, convert::LayerBits bits) {
  convert::ConvertOptions options;
  options.model = kGlyphs + "glyphs.onnx";
  options.output = output;
  options.preprocess = convert::read_preprocess(kGlyphs + "glyphs.json");
  options.calibration.path = kGlyphs + "calib.npy";
  options.bits = bits;
  options.first = options.last = convert::LayerBits{8, 0, 0};
  options.threads = 2;
  return options;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

struct Answers {
  std::vector<int32_t> units;
  std::set<std::string> kernels;
};

// The raw scores of the first `count` test images.
Answers run(const std::shared_ptr<const Model>& model, const SessionOptions& options,
            size_t count) {
  const convert::NpyFile images(kGlyphs + "test.npy");
  std::unique_ptr<Session> session;
  const Status created = Session::create(model, options, &session);
  Answers result;
  if (!created.ok()) {
    ADD_FAILURE() << created.message();
    return result;
  }
  session->set_trace(true);
  const size_t batch = static_cast<size_t>(options.batch);
  std::vector<int32_t> units(batch * kClasses);
  for (size_t i = 0; i + batch <= count; i += batch) {
    const std::vector<uint8_t> pixels =
        images.read_bytes(static_cast<int64_t>(i * kPixels), static_cast<int64_t>(batch * kPixels));
    EXPECT_TRUE(session->set_input_image(0, pixels.data(), pixels.size()).ok());
    EXPECT_TRUE(session->run().ok());
    EXPECT_TRUE(session->get_output_units(0, units.data(), units.size()).ok());
    result.units.insert(result.units.end(), units.begin(), units.end());
  }
  for (const LayerTrace& layer : session->trace()) {
    if (layer.op == "Conv") result.kernels.insert(layer.kernel);
  }
  return result;
}

double accuracy(const std::vector<int32_t>& units) {
  const std::vector<int64_t> labels =
      convert::read_npy(kGlyphs + "test_labels.npy", convert::DType::kInt64).i;
  const size_t count = units.size() / kClasses;
  size_t hits = 0;
  for (size_t i = 0; i < count; ++i) {
    const auto scores = units.begin() + static_cast<long>(i * kClasses);
    hits += std::max_element(scores, scores + kClasses) - scores == labels[i];
  }
  return 100.0 * static_cast<double>(hits) / static_cast<double>(count);
}

std::shared_ptr<const Model> converted(const TemporaryFolder& folder, convert::LayerBits bits) {
  const std::string path = folder.file("glyphs.weq");
  convert::convert(glyph_options(path, bits));
  std::shared_ptr<const Model> model;
  const Status status = Model::from_file(path, &model);
  EXPECT_TRUE(status.ok()) << status.message();
  return model;
}

TEST(EndToEnd, FewerBitsStayAccurate) {
  const TemporaryFolder folder;
  const struct {
    convert::LayerBits bits;
    double least;  // float: 99.1
  } rows[] = {{{8, 0, 8}, 98.5}, {{6, 0, 6}, 98.0}, {{4, 0, 4}, 96.0}};
  for (const auto& row : rows) {
    const auto model = converted(folder, row.bits);
    SessionOptions options;
    options.batch = 10;
    EXPECT_GE(accuracy(run(model, options, 900).units), row.least) << row.bits.weight_bits;
  }
}

TEST(EndToEnd, ThreadsDoNotChangeTheFile) {
  const TemporaryFolder folder;
  auto options = glyph_options(folder.file("a.weq"), {4, 0, 4});
  convert::convert(options);
  options.output = folder.file("b.weq");
  options.threads = 1;
  convert::convert(options);
  EXPECT_EQ(bytes_of(folder.file("a.weq")), bytes_of(folder.file("b.weq")));
}

TEST(EndToEnd, EveryPathGivesTheSameBits) {
  const TemporaryFolder folder;
  for (const convert::LayerBits bits : {convert::LayerBits{4, 0, 4}, convert::LayerBits{2, 0, 2}}) {
    const auto model = converted(folder, bits);
    constexpr size_t kImages = 6;
    SessionOptions reference;
    reference.isa = "scalar";
    reference.kernel = "reference";
    const Answers expected = run(model, reference, kImages);
    EXPECT_EQ(expected.kernels, std::set<std::string>{"reference"});
    for (int isa = 0; isa < kernels::kIsaCount; ++isa) {
      if (!kernels::isa_available(static_cast<kernels::Isa>(isa))) continue;
      for (const char* family : {"", "direct", "lut", "shift"}) {
        for (int threads : {1, 2}) {
          for (int batch : {1, 3}) {
            SessionOptions options;
            options.isa = kernels::isa_name(static_cast<kernels::Isa>(isa));
            options.kernel = family;
            options.threads = threads;
            options.batch = batch;
            const Answers actual = run(model, options, kImages);
            EXPECT_EQ(actual.units, expected.units)
                << options.isa << " " << family << " threads " << threads << " batch " << batch;
          }
        }
      }
    }
  }
}

TEST(EndToEnd, AForcedFamilyIsTheOneThatRuns) {
  const TemporaryFolder folder;
  const auto model = converted(folder, {2, 0, 2});
  for (const char* family : {"direct", "lut"}) {
    SessionOptions options;
    options.kernel = family;
    const Answers actual = run(model, options, 1);
    const bool ran = std::any_of(actual.kernels.begin(), actual.kernels.end(), [&](const auto& k) {
      return k.compare(0, std::string(family).size(), family) == 0;
    });
    const bool vector_isa = kernels::best_isa() != kernels::Isa::kScalar;
    EXPECT_EQ(ran, vector_isa) << family;
  }
}

}  // namespace
}  // namespace weq::test
