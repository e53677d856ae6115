// Whole networks, exact against plain loops: batches, sizes, threads, ISAs, kernels, kept tensors.
#include <gtest/gtest.h>

#include "kernels/conv/conv.h"
#include "tests/support/test_net.h"

namespace weq::test {
namespace {

std::shared_ptr<const Model> open(const FileBytes& file) {
  std::shared_ptr<const Model> model;
  const Status status = Model::from_memory(file.data(), file.size(), &model);
  EXPECT_TRUE(status.ok()) << status.message();
  return model;
}

std::unique_ptr<Session> make(const std::shared_ptr<const Model>& model,
                              const SessionOptions& options) {
  std::unique_ptr<Session> session;
  const Status status = Session::create(model, options, &session);
  EXPECT_TRUE(status.ok()) << status.message();
  return session;
}

std::vector<int32_t> run_units(Session* session, const std::vector<float>& input, size_t outputs) {
  Status status = session->set_input_float(0, input.data(), input.size());
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_TRUE(session->run().ok());
  std::vector<int32_t> units(outputs);
  status = session->get_output_units(0, units.data(), units.size());
  EXPECT_TRUE(status.ok()) << status.message();
  return units;
}

std::vector<int32_t> expected_units(const Plane& v) {
  std::vector<int32_t> units;
  for (float value : TestNet::channels_first(v, 1)) units.push_back(static_cast<int32_t>(value));
  return units;
}

std::vector<std::string> usable_isas() {
  std::vector<std::string> names;
  for (int i = 0; i < kernels::kIsaCount; ++i)
    if (kernels::isa_available(static_cast<kernels::Isa>(i)))
      names.push_back(kernels::isa_name(static_cast<kernels::Isa>(i)));
  return names;
}

TEST(Session, EveryBatchSizeThreadAndIsaGivesThePlainLoops) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TestNet net(seed);
    const FileBytes file = net.builder.finish();
    const auto model = open(file);
    ASSERT_NE(model, nullptr);
    const int batch = 1 + static_cast<int>(seed % 3);
    const int height = seed % 2 ? 0 : 12, width = seed % 2 ? 0 : 17;
    const Plane in =
        net.random_input(batch, height ? height : net.kHeight, width ? width : net.kWidth);
    const Plane v = net.expected(in);
    for (const std::string& isa : usable_isas())
      for (int threads : {1, 2, 3}) {
        SCOPED_TRACE(isa + ", threads " + std::to_string(threads));
        SessionOptions options;
        options.batch = batch;
        options.height = height;
        options.width = width;
        options.isa = isa;
        options.threads = threads;
        const auto session = make(model, options);
        ASSERT_NE(session, nullptr);
        EXPECT_EQ(session->outputs()[0].shape, (std::vector<int64_t>{v.n, v.c, v.h, v.w}));
        EXPECT_EQ(run_units(session.get(), TestNet::channels_first(in, 0.25f), v.level.size()),
                  expected_units(v));
      }
  }
}

TEST(Session, EveryForcedKernelFamilyGivesTheSameUnits) {
  TestNet net(99);
  const FileBytes file = net.builder.finish();
  const auto model = open(file);
  ASSERT_NE(model, nullptr);
  const Plane in = net.random_input(1);
  const Plane v = net.expected(in);
  std::vector<std::string> families;
  for (int i = 0; i < kernels::kConvKernelCount; ++i)
    families.push_back(kernels::kConvKernels[i]->family);
  for (const std::string& family : families) {
    SCOPED_TRACE(family);
    SessionOptions options;
    options.kernel = family;
    const auto session = make(model, options);
    ASSERT_NE(session, nullptr);
    EXPECT_EQ(run_units(session.get(), TestNet::channels_first(in, 0.25f), v.level.size()),
              expected_units(v));
    for (const LayerTrace& layer : session->trace()) {
      EXPECT_FALSE(layer.kernel.empty());
      // Either forced, or the reason says that the family refused.
      EXPECT_TRUE(layer.reason == "forced" || layer.reason.rfind(family + " refused", 0) == 0)
          << layer.reason;
    }
  }
}

TEST(Session, TwoRunsWithTheInputSetOnceAgree) {
  TestNet net(5);
  const FileBytes file = net.builder.finish();
  const auto session = make(open(file), SessionOptions());
  ASSERT_NE(session, nullptr);
  const Plane in = net.random_input(1);
  const Plane v = net.expected(in);
  const auto first = run_units(session.get(), TestNet::channels_first(in, 0.25f), v.level.size());
  ASSERT_TRUE(session->run().ok());
  std::vector<int32_t> second(first.size());
  ASSERT_TRUE(session->get_output_units(0, second.data(), second.size()).ok());
  EXPECT_EQ(first, second);
  EXPECT_EQ(first, expected_units(v));
}

TEST(Session, KeptTensorsAreTheStoredLevelsChannelsFirst) {
  TestNet net(7);
  const FileBytes file = net.builder.finish();
  SessionOptions options;
  options.keep_tensors = true;
  options.batch = 2;
  const auto session = make(open(file), options);
  ASSERT_NE(session, nullptr);
  const Plane in = net.random_input(2);
  std::vector<std::pair<std::string, Plane>> all;
  const Plane v = net.expected(in, &all);
  run_units(session.get(), TestNet::channels_first(in, 0.25f), v.level.size());
  for (const auto& [name, plane] : all) {
    SCOPED_TRACE(name);
    const float unit = name == "x"                   ? 0.25f
                       : name == "e"                 ? 0.0625f
                       : name == "a8" || name == "c" ? 0.125f
                                                     : 0.5f;
    std::vector<float> values;
    const Status status = session->get_tensor_float(name, &values);
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(values, TestNet::channels_first(plane, unit));
  }
  std::vector<float> values;
  EXPECT_EQ(session->get_tensor_float("none", &values).message(),
            "weq: memory: tensor none: there is none of that name");
}

TEST(Session, FloatOutputIsTheUnitTimesV) {
  TestNet net(8);
  const FileBytes file = net.builder.finish();
  const auto session = make(open(file), SessionOptions());
  ASSERT_NE(session, nullptr);
  const Plane in = net.random_input(1);
  const Plane v = net.expected(in);
  run_units(session.get(), TestNet::channels_first(in, 0.25f), v.level.size());
  std::vector<float> values(v.level.size());
  ASSERT_TRUE(session->get_output_float(0, values.data(), values.size()).ok());
  EXPECT_EQ(values, TestNet::channels_first(v, 0.0625f));
}

TEST(Session, PackedWeightsAreSharedBySessionsAndGrowWithKernels) {
  TestNet net(3);
  const FileBytes file = net.builder.finish();
  const auto model = open(file);
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(model->packed_bytes(), 0u);
  const auto first = make(model, SessionOptions());
  const size_t once = model->packed_bytes();
  const auto second = make(model, SessionOptions());
  EXPECT_EQ(model->packed_bytes(), once);
}

TEST(Session, InfoNamesLayersAndKernels) {
  TestNet net(3);
  const FileBytes file = net.builder.finish();
  const auto model = open(file);
  ASSERT_NE(model, nullptr);
  const ModelInfo& info = model->info();
  ASSERT_EQ(info.layers.size(), 5u);
  EXPECT_EQ(info.layers[0].name, "conv1");
  EXPECT_EQ(info.layers[0].op, "Conv");
  EXPECT_EQ(info.layers[0].weight_bits, 3);
  EXPECT_EQ(info.layers[0].weight_levels, 5);
  EXPECT_EQ(info.layers[0].activation_bits, 3);
  EXPECT_EQ(info.layers[0].activation_kind, "log");
  EXPECT_EQ(info.layers[0].macs, 9 * 7 * 8 * 27);
  EXPECT_EQ(info.layers[4].activation_kind, "units");
  EXPECT_FALSE(info.layers[0].kernel.empty());
  EXPECT_EQ(info.weight_count, 8u * 27 + 8 * 9 + 64 + 16 * 9 * 4 + 80);
  EXPECT_EQ(info.inputs[0].shape, (std::vector<int64_t>{1, 3, 9, 7}));
  EXPECT_EQ(info.file_bytes, file.size());
}

TEST(Session, WrongCallsAreRefusedWithAReason) {
  TestNet net(4);
  const FileBytes file = net.builder.finish();
  const auto model = open(file);
  ASSERT_NE(model, nullptr);
  const auto message = [&](const SessionOptions& options) {
    std::unique_ptr<Session> session;
    const Status status = Session::create(model, options, &session);
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    return status.message();
  };
  SessionOptions options;
  options.batch = 0;
  EXPECT_EQ(message(options), "weq: memory: batch: 0 is below 1");
  options = {};
  options.threads = 0;
  EXPECT_EQ(message(options), "weq: memory: threads: 0 is not 1 to 1024");
  options = {};
  options.height = 8;
  EXPECT_EQ(message(options), "weq: memory: size: give height and width, both positive");
  options = {};
  options.batch = 2000000000;
  EXPECT_EQ(message(options),
            "weq: memory: input input: shape [2000000000,9,7,3] has an axis above 2^26, or 2^31 "
            "bytes or more");
  options = {};
  options.isa = "sse9";
  EXPECT_EQ(message(options),
            std::string("weq: isa \"sse9\": unknown; valid names: ") + kernels::isa_names());
  options = {};
  options.kernel = "magic";
  EXPECT_EQ(message(options).rfind("weq: kernel \"magic\": unknown; valid names: ", 0), 0u);

  const auto session = make(model, SessionOptions());
  ASSERT_NE(session, nullptr);
  std::vector<float> values(1000);
  std::vector<uint8_t> bytes(1000, 16);
  EXPECT_EQ(session->get_output_float(0, values.data(), 100).message(),
            "weq: memory: output output: nothing has run yet");
  EXPECT_EQ(session->set_input_float(1, values.data(), 189).message(),
            "weq: memory: input 1: there are 1");
  EXPECT_EQ(session->set_input_float(0, values.data(), 188).message(),
            "weq: memory: input input: 188 elements given, its shape has 189");
  EXPECT_EQ(session->set_input_float(0, nullptr, 189).message(),
            "weq: memory: input input: the data is null");
  EXPECT_EQ(session->set_input_image(0, bytes.data(), 189).message(),
            "weq: memory: input input: does not take image bytes");
  EXPECT_EQ(session->set_input_codes(0, bytes.data(), 189).message(),
            "weq: memory: input input: a code is not below 16");
  ASSERT_TRUE(session->run().ok());
  EXPECT_EQ(session->get_output_codes(0, bytes.data(), 100).message(),
            "weq: memory: output output: does not hold codes");
  EXPECT_EQ(session->get_tensor_float("a", &values).message(),
            "weq: memory: tensor a: the session was made without keep_tensors");
  std::unique_ptr<Session> none;
  EXPECT_FALSE(Session::create(nullptr, SessionOptions(), &none).ok());
}

TEST(Session, ACallersArenaIsUsedAndItsSizeIsKnownBefore) {
  TestNet net(6);
  const FileBytes file = net.builder.finish();
  const auto model = open(file);
  ASSERT_NE(model, nullptr);
  SessionOptions options;
  options.batch = 2;
  options.threads = 2;
  size_t bytes = 0;
  ASSERT_TRUE(Session::arena_bytes(*model, options, &bytes).ok());
  EXPECT_EQ(model->packed_bytes(), 0u);
  const std::vector<uint8_t> blank(bytes);
  FileBytes arena(blank.data(), bytes);  // exactly as long: a sanitizer sees what lies beyond
  options.arena = arena.data();
  options.arena_size = bytes;
  const auto session = make(model, options);
  ASSERT_NE(session, nullptr);
  EXPECT_EQ(session->arena_bytes(), bytes);
  const Plane in = net.random_input(2);
  const Plane v = net.expected(in);
  EXPECT_EQ(run_units(session.get(), TestNet::channels_first(in, 0.25f), v.level.size()),
            expected_units(v));
  options.arena_size = bytes - 1;
  std::unique_ptr<Session> none;
  EXPECT_EQ(Session::create(model, options, &none).message(),
            "weq: memory: arena: " + std::to_string(bytes - 1) + " bytes given, " +
                std::to_string(bytes) + " needed");
  options.arena = arena.data() + 1;
  EXPECT_EQ(Session::create(model, options, &none).message(),
            "weq: memory: arena: not aligned to 64 bytes");
}

}  // namespace
}  // namespace weq::test
