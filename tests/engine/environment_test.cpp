// WEQ_FORCE_ISA and WEQ_FORCE_KERNEL, where the options leave the choice open.
#include <gtest/gtest.h>

#include <cfenv>
#include <cstdlib>

#include "engine/runtime/select_conv.h"
#include "tests/support/test_net.h"

namespace weq::test {
namespace {

class Environment : public ::testing::Test {
 protected:
  void SetUp() override {
    unsetenv("WEQ_FORCE_ISA");
    unsetenv("WEQ_FORCE_KERNEL");
    file_ = TestNet(41).builder.finish();
    ASSERT_TRUE(Model::from_memory(file_.data(), file_.size(), &model_).ok());
  }
  void TearDown() override {
    unsetenv("WEQ_FORCE_ISA");
    unsetenv("WEQ_FORCE_KERNEL");
  }
  Status create(const SessionOptions& options = {}) {
    session_.reset();
    return Session::create(model_, options, &session_);
  }

  FileBytes file_;
  std::shared_ptr<const Model> model_;
  std::unique_ptr<Session> session_;
};

TEST_F(Environment, TheIsaIsCapped) {
  setenv("WEQ_FORCE_ISA", "scalar", 1);
  ASSERT_TRUE(create().ok());
  EXPECT_STREQ(session_->isa(), "scalar");
  for (const LayerTrace& layer : session_->trace())
    for (int i = 0; i < kernels::kConvKernelCount; ++i)
      if (layer.kernel == kernels::kConvKernels[i]->name) {
        EXPECT_EQ(kernels::kConvKernels[i]->isa, kernels::Isa::kScalar);
      }
  SessionOptions options;
  options.isa = kernels::isa_name(kernels::best_isa());
  ASSERT_TRUE(create(options).ok());
  EXPECT_EQ(session_->isa(), options.isa);
}

TEST_F(Environment, AnUnknownIsaListsTheNames) {
  setenv("WEQ_FORCE_ISA", "sse2", 1);
  EXPECT_EQ(create().message(),
            std::string("weq: isa \"sse2\": unknown; valid names: ") + kernels::isa_names());
}

TEST_F(Environment, TheKernelIsForced) {
  setenv("WEQ_FORCE_KERNEL", "reference", 1);
  ASSERT_TRUE(create().ok());
  for (const LayerTrace& layer : session_->trace()) {
    EXPECT_EQ(layer.reason, "forced");
    EXPECT_NE(layer.kernel.find("reference"), std::string::npos);
  }
}

TEST_F(Environment, AnUnknownKernelListsTheFamilies) {
  setenv("WEQ_FORCE_KERNEL", "magic", 1);
  const std::string message = create().message();
  EXPECT_EQ(message, "weq: kernel \"magic\": unknown; valid names: " + kernel_families());
  EXPECT_NE(message.find("reference"), std::string::npos);
}

TEST_F(Environment, AWrongRoundingModeIsRefused) {
  SessionOptions options;
  ASSERT_EQ(fesetround(FE_UPWARD), 0);
  const Status status = create(options);
  fesetround(FE_TONEAREST);
  EXPECT_EQ(status.message(),
            "weq: memory: rounding mode: must be to nearest even when a session is made");
}

}  // namespace
}  // namespace weq::test
