// Every operator in one network: reused memory, batches, threads and ISAs change nothing.
#include <gtest/gtest.h>

#include <set>

#include "kernels/isa.h"
#include "tests/support/operator_zoo.h"

namespace weq::test {
namespace {

using Outputs = std::vector<std::vector<float>>;

class Zoo : public ::testing::Test {
 protected:
  void SetUp() override {
    OperatorZoo zoo(7);
    file_ = zoo.builder.finish();
    const Status status = Model::from_memory(file_.data(), file_.size(), &model_);
    ASSERT_TRUE(status.ok()) << status.message();
    Random random(70);
    for (size_t i = 0; i < 3 * OperatorZoo::kInputs; ++i)
      codes_.push_back(static_cast<uint8_t>(random.in(0, 15)));
  }
  // All outputs as float, for `batch` images from image `first` on.
  Outputs run(SessionOptions options, size_t first, int batch) {
    options.batch = batch;
    std::unique_ptr<Session> session;
    const Status status = Session::create(model_, options, &session);
    EXPECT_TRUE(status.ok()) << status.message();
    Outputs outputs;
    if (session == nullptr) return outputs;
    const size_t count = OperatorZoo::kInputs;
    EXPECT_TRUE(
        session
            ->set_input_codes(0, codes_.data() + first * count, static_cast<size_t>(batch) * count)
            .ok());
    // Twice: whatever the first run leaves in reused memory must not matter.
    EXPECT_TRUE(session->run().ok());
    EXPECT_TRUE(session->run().ok());
    for (size_t i = 0; i < session->outputs().size(); ++i) {
      outputs.emplace_back(static_cast<size_t>(batch) * 7 * 5 * 3);
      EXPECT_TRUE(session->get_output_float(i, outputs[i].data(), outputs[i].size()).ok());
    }
    return outputs;
  }

  FileBytes file_;
  std::shared_ptr<const Model> model_;
  std::vector<uint8_t> codes_;
};

TEST_F(Zoo, OutputsVary) {
  for (const std::vector<float>& values : run({}, 0, 3))
    EXPECT_GT(std::set<float>(values.begin(), values.end()).size(), 2u);
}

TEST_F(Zoo, ReusedMemoryEqualsKeptMemory) {
  SessionOptions keep;
  keep.keep_tensors = true;
  for (int batch : {1, 2, 3}) EXPECT_EQ(run({}, 0, batch), run(keep, 0, batch));
  size_t reused = 0, kept = 0;
  ASSERT_TRUE(Session::arena_bytes(*model_, {}, &reused).ok());
  ASSERT_TRUE(Session::arena_bytes(*model_, keep, &kept).ok());
  EXPECT_LT(reused, kept);
}

TEST_F(Zoo, ABatchIsItsImagesOneByOne) {
  const Outputs together = run({}, 0, 3);
  Outputs apart(together.size());
  for (size_t i = 0; i < 3; ++i) {
    const Outputs one = run({}, i, 1);
    for (size_t k = 0; k < one.size(); ++k)
      apart[k].insert(apart[k].end(), one[k].begin(), one[k].end());
  }
  EXPECT_EQ(together, apart);
}

TEST_F(Zoo, ThreadsAndIsasAgree) {
  const Outputs expected = run({}, 0, 2);
  for (int i = 0; i < kernels::kIsaCount; ++i)
    for (int threads : {1, 2, 4}) {
      SessionOptions options;
      options.isa = kernels::isa_name(static_cast<kernels::Isa>(i));
      options.threads = threads;
      if (!kernels::isa_available(static_cast<kernels::Isa>(i))) continue;
      SCOPED_TRACE(options.isa + ", threads " + std::to_string(threads));
      EXPECT_EQ(run(options, 0, 2), expected);
    }
}

TEST_F(Zoo, EveryOperatorOfTheSchemaIsThere) {
  std::set<std::string> seen;
  for (const LayerInfo& layer : model_->info().layers) seen.insert(layer.op);
  for (const format::Operator op : format::EnumValuesOperator()) {
    const std::string name = format::EnumNameOperator(op);
    if (name != "NONE" && name != "FloatOperator") {
      EXPECT_EQ(seen.count(name), 1u) << name;
    }
  }
}

TEST_F(Zoo, AnotherImageSizeThatAFixedReshapeForbidsIsRefused) {
  SessionOptions options;
  options.height = 9;
  options.width = 9;
  std::unique_ptr<Session> session;
  const Status status = Session::create(model_, options, &session);
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message().rfind("weq: memory: layer back: shape: ", 0), 0u) << status.message();
}

}  // namespace
}  // namespace weq::test
