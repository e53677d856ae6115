// Kernels by name for single layers: the same bits, errors that name file, line and layer.
#include <gtest/gtest.h>

#include "engine/runtime/select_conv.h"
#include "tests/support/test_net.h"

namespace weq::test {
namespace {

class TuningText : public ::testing::Test {
 protected:
  void SetUp() override {
    file_ = net_.builder.finish();
    ASSERT_TRUE(Model::from_memory(file_.data(), file_.size(), &model_).ok());
    input_ = TestNet::channels_first(net_.random_input(1), 0.25f);
  }
  Status create(const std::string& tuning, const std::string& isa = "") {
    session_.reset();
    SessionOptions options;
    options.tuning = tuning;
    options.isa = isa;
    return Session::create(model_, options, &session_);
  }
  std::vector<int32_t> run() {
    EXPECT_TRUE(session_->set_input_float(0, input_.data(), input_.size()).ok());
    EXPECT_TRUE(session_->run().ok());
    std::vector<int32_t> units(5 * 4 * TestNet::kClasses);
    EXPECT_TRUE(session_->get_output_units(0, units.data(), units.size()).ok());
    return units;
  }

  TestNet net_{71};
  FileBytes file_;
  std::vector<float> input_;
  std::shared_ptr<const Model> model_;
  std::unique_ptr<Session> session_;
};

TEST_F(TuningText, CandidatesAreInOrderAndTheFirstIsChosen) {
  ASSERT_TRUE(create("").ok());
  for (const LayerTrace& layer : session_->trace()) {
    ASSERT_FALSE(layer.candidates.empty());
    EXPECT_EQ(layer.candidates[0].name, layer.kernel);
    EXPECT_EQ(layer.reason.find("least estimated cycles: "), 0u) << layer.reason;
    for (size_t i = 1; i < layer.candidates.size(); ++i) {
      const KernelCandidate &a = layer.candidates[i - 1], &b = layer.candidates[i];
      if (b.refusal.empty()) {
        EXPECT_TRUE(a.refusal.empty() && a.cycles <= b.cycles) << b.name;
      } else {
        EXPECT_EQ(b.cycles, 0) << b.name;
      }
    }
  }
  EXPECT_EQ(session_->trace()[0].candidates.size(), model_->info().layers[0].candidates.size());
}

TEST_F(TuningText, EveryKernelOfEveryLayerGivesTheSameUnits) {
  ASSERT_TRUE(create("").ok());
  const std::vector<int32_t> units = run();
  const std::vector<LayerTrace> layers = session_->trace();
  for (size_t l = 0; l < layers.size(); ++l) {
    for (const KernelCandidate& candidate : layers[l].candidates) {
      SCOPED_TRACE(layers[l].name + " " + candidate.name);
      const Status status = create("# one layer\n\n" + layers[l].name + " " + candidate.name);
      ASSERT_TRUE(status.ok()) << status.message();
      const LayerTrace layer = session_->trace()[l];
      if (candidate.refusal.empty()) {
        EXPECT_EQ(layer.kernel, candidate.name);
        EXPECT_EQ(layer.reason.find("measured tuning; "), 0u) << layer.reason;
      } else {
        EXPECT_EQ(layer.kernel, layers[l].kernel);
        EXPECT_EQ(layer.reason, "tuned " + candidate.name + " refused (" + candidate.refusal +
                                    "); " + layers[l].reason);
      }
      EXPECT_EQ(run(), units);
    }
  }
}

TEST_F(TuningText, AKernelBeyondTheIsaFallsBackToSelection) {
  for (int i = 0; i < kernels::kConvKernelCount; ++i) {
    const kernels::ConvKernel& kernel = *kernels::kConvKernels[i];
    if (kernel.isa == kernels::Isa::kScalar) continue;
    ASSERT_TRUE(create("conv3 " + std::string(kernel.name), "scalar").ok());
    EXPECT_EQ(session_->trace()[2].reason.find("tuned " + std::string(kernel.name) +
                                               " refused (needs " + kernels::isa_name(kernel.isa) +
                                               "); least estimated cycles"),
              0u)
        << session_->trace()[2].reason;
  }
}

TEST_F(TuningText, ANamedLayerGoesBeforeTheForcedFamily) {
  SessionOptions options;
  options.kernel = "shift";
  options.tuning = "conv3 reference\r\n";
  ASSERT_TRUE(Session::create(model_, options, &session_).ok());
  EXPECT_EQ(session_->trace()[2].kernel, "reference");
  EXPECT_EQ(session_->trace()[1].reason.find("measured tuning"), std::string::npos);
}

TEST_F(TuningText, ErrorsNameFileLineAndLayer) {
  EXPECT_EQ(create("conv1 reference\nconv9 reference\n").message(),
            "weq: memory: tuning line 2: layer conv9: unknown");
  EXPECT_EQ(create("# a\n\nconv1\n").message(), "weq: memory: tuning line 3: not LAYER KERNEL");
  EXPECT_EQ(create("conv1 magic").message(),
            "weq: memory: tuning line 1: layer conv1: kernel \"magic\": unknown; valid names: " +
                conv_kernel_names());
  EXPECT_EQ(create("conv1 reference\nconv1 reference\n").message(),
            "weq: memory: tuning line 2: layer conv1: named twice");
  EXPECT_EQ(create("conv1 magic").code(), StatusCode::kInvalidArgument);
  size_t bytes = 0;
  SessionOptions options;
  options.tuning = "conv1";
  EXPECT_FALSE(Session::arena_bytes(*model_, options, &bytes).ok());
}

}  // namespace
}  // namespace weq::test
