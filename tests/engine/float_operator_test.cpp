// Layers left in float: refused without a runner, run on ONNX axes with one.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/support/model_builder.h"

namespace weq::test {
namespace {

// y[n, c, h, w] = x[n, c, h, w] * c + constant[c].
class Scaler : public FloatRunner {
 public:
  int prepare(const std::string& op_type, const uint8_t* attributes, size_t size,
              const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs,
              std::string* error) override {
    ++prepared;
    if (op_type != "Scaler") {
      *error = "knows Scaler only";
      return -1;
    }
    attributes_.assign(attributes, attributes + size);
    EXPECT_EQ(inputs[0].data, nullptr);
    EXPECT_NE(inputs[1].data, nullptr);
    shape.assign(outputs[0].shape, outputs[0].shape + outputs[0].rank);
    return 42;
  }
  void run(int handle, const Tensor* inputs, int input_count, const Tensor* outputs,
           int output_count) override {
    EXPECT_EQ(handle, 42);
    EXPECT_EQ(input_count, 2);
    EXPECT_EQ(output_count, 1);
    const int64_t* s = inputs[0].shape;
    const int64_t plane = s[2] * s[3];
    for (int64_t i = 0; i < s[0] * s[1] * plane; ++i) {
      const int64_t c = i / plane % s[1];
      outputs[0].data[i] = inputs[0].data[i] * static_cast<float>(c) + inputs[1].data[c];
    }
  }
  int prepared = 0;
  std::vector<uint8_t> attributes_;
  std::vector<int64_t> shape;
};

class FloatLayer : public ::testing::Test {
 protected:
  void build(const std::string& op_type) {
    const int q = builder_.add_linear(16, 0.5f);
    const int x = builder_.add_tensor("x", {1, 2, 3, 4}, q);
    const int f = builder_.add_float("f", {1, 2, 3, 4});
    const int y = builder_.add_float("y", {1, 2, 3, 4});
    const int k = builder_.add_float("k", {4});
    const float constants[] = {0.5f, 1, -2, 8};
    builder_.model.tensors.back()->data.resize(sizeof constants);
    std::memcpy(builder_.model.tensors.back()->data.data(), constants, sizeof constants);
    builder_.add_node("to_float", {x}, {f}, format::DequantizeT());
    format::FloatOperatorT layer;
    layer.op_type = op_type;
    layer.attributes = {1, 2, 3};
    builder_.add_node("layer", {f, k}, {y}, std::move(layer));
    builder_.add_input("x", x, {0, 3, 1, 2});
    builder_.add_output("y", y, {0, 3, 1, 2});
    file_ = builder_.finish();
    const Status status = Model::from_memory(file_.data(), file_.size(), &model_);
    ASSERT_TRUE(status.ok()) << status.message();
  }

  ModelBuilder builder_;
  FileBytes file_;
  std::shared_ptr<const Model> model_;
  std::unique_ptr<Session> session_;
  SessionOptions options_;
  Scaler runner_;
};

TEST_F(FloatLayer, IsRefusedWithoutARunner) {
  build("Scaler");
  const Status status = Session::create(model_, options_, &session_);
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_EQ(status.message(),
            "weq: memory: layer layer: op: Scaler was left in float; the session needs a "
            "float_runner for it");
}

TEST_F(FloatLayer, ARunnersRefusalIsTold) {
  build("Other");
  options_.float_runner = &runner_;
  EXPECT_EQ(Session::create(model_, options_, &session_).message(),
            "weq: memory: layer layer: knows Scaler only");
}

TEST_F(FloatLayer, RunsOnChannelsFirstTensors) {
  build("Scaler");
  options_.float_runner = &runner_;
  options_.batch = 2;
  size_t bytes = 0;
  ASSERT_TRUE(Session::arena_bytes(*model_, options_, &bytes).ok());
  EXPECT_EQ(runner_.prepared, 0);
  ASSERT_TRUE(Session::create(model_, options_, &session_).ok());
  EXPECT_EQ(runner_.prepared, 1);
  EXPECT_EQ(runner_.attributes_, (std::vector<uint8_t>{1, 2, 3}));
  EXPECT_EQ(runner_.shape, (std::vector<int64_t>{2, 4, 2, 3}));
  std::vector<uint8_t> codes;
  std::vector<float> expected;
  const float constants[] = {0.5f, 1, -2, 8};
  for (int i = 0; i < 48; ++i) {
    codes.push_back(static_cast<uint8_t>(i * 5 % 16));
    const int c = i / 6 % 4;
    expected.push_back(0.5f * static_cast<float>(codes.back()) * static_cast<float>(c) +
                       constants[c]);
  }
  ASSERT_TRUE(session_->set_input_codes(0, codes.data(), codes.size()).ok());
  ASSERT_TRUE(session_->run().ok());
  std::vector<float> values(48);
  ASSERT_TRUE(session_->get_output_float(0, values.data(), values.size()).ok());
  EXPECT_EQ(values, expected);
}

}  // namespace
}  // namespace weq::test
