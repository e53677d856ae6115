// The border of a session: axis order, quantization on entry, values on exit.
#include "engine/runtime/port.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/model_builder.h"
#include "tests/support/random.h"

namespace weq::test {
namespace {

// A model whose output is its input: one table lookup that keeps every byte.
struct Echo {
  ModelBuilder builder;
  FileBytes file;
  std::shared_ptr<const Model> model;
  std::unique_ptr<Session> session;

  void open(int quantizer, std::vector<int32_t> shape, std::vector<uint8_t> axes) {
    const int x = builder.add_tensor("x", shape, quantizer);
    const int y = builder.add_tensor("y", shape, quantizer);
    format::LookupT lookup;
    const kernels::LevelMap map = builder.level_map(quantizer);
    lookup.table.assign(256, map.byte_of_code[0]);
    for (int k = 0; k < map.codes; ++k) lookup.table[map.byte_of_code[k]] = map.byte_of_code[k];
    builder.add_node("echo", {x}, {y}, std::move(lookup));
    builder.add_input("x", x, axes);
    builder.add_output("y", y, axes);
    file = builder.finish();
    Status status = Model::from_memory(file.data(), file.size(), &model);
    ASSERT_TRUE(status.ok()) << status.message();
    status = Session::create(model, SessionOptions(), &session);
    ASSERT_TRUE(status.ok()) << status.message();
  }
  std::vector<uint8_t> codes(const std::vector<float>& x) {
    std::vector<uint8_t> result(x.size());
    EXPECT_TRUE(session->set_input_float(0, x.data(), x.size()).ok());
    EXPECT_TRUE(session->run().ok());
    EXPECT_TRUE(session->get_output_codes(0, result.data(), result.size()).ok());
    return result;
  }
};

TEST(Port, LinearInputsRoundHalfUpAndClamp) {
  Echo echo;
  std::vector<int32_t> levels;
  for (int k = -3; k <= 4; ++k) levels.push_back(k);
  echo.open(echo.builder.add_quantizer(format::QuantizerKind::Linear, levels, 0.5f, 128), {1, 12},
            {0, 1});
  const float inf = INFINITY;
  EXPECT_EQ(echo.codes({-9, -1.5f, -1.3f, -1.25f, 0, 0.24f, 0.25f, 2, 2.3f, inf, -inf, NAN}),
            (std::vector<uint8_t>{0, 0, 0, 1, 3, 3, 4, 7, 7, 7, 0, 0}));
}

TEST(Port, OtherInputsTakeTheNearestLevel) {
  Echo echo;
  echo.open(echo.builder.add_quantizer(format::QuantizerKind::Log, {0, 1, 2, 4, 8}, 0.25f), {1, 11},
            {0, 1});
  // Boundaries at 0.5, 1.5, 3 and 6 units.
  EXPECT_EQ(echo.codes({-1, 0.12f, 0.125f, 0.37f, 0.375f, 0.74f, 0.75f, 1.49f, 1.5f, 1e30f, NAN}),
            (std::vector<uint8_t>{0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 0}));
}

TEST(Port, ImagesEnterAsBytesOrAsNormalizedFloats) {
  Echo echo;
  auto preprocess = std::make_unique<format::PreprocessT>();
  preprocess->scale = 1.0f / 255;
  preprocess->mean = {0.485f, 0.456f, 0.406f};
  preprocess->std = {0.229f, 0.224f, 0.225f};
  preprocess->image = true;
  echo.builder.model.preprocess = std::move(preprocess);
  echo.open(echo.builder.add_linear(256, 1), {1, 16, 16, 3}, {0, 3, 1, 2});
  EXPECT_TRUE(echo.session->inputs()[0].image);
  EXPECT_EQ(echo.session->inputs()[0].shape, (std::vector<int64_t>{1, 3, 16, 16}));
  const float mean[] = {0.485f, 0.456f, 0.406f}, std[] = {0.229f, 0.224f, 0.225f};
  std::vector<uint8_t> image(768), planar(768);  // every pixel value in every channel
  std::vector<float> normalized(768);
  for (size_t i = 0; i < 256; ++i)
    for (size_t c = 0; c < 3; ++c) {
      const auto pixel = static_cast<uint8_t>(i * 7 + c);
      image[3 * i + c] = planar[256 * c + i] = pixel;
      normalized[256 * c + i] = (static_cast<float>(pixel) / 255 - mean[c]) / std[c];
    }
  EXPECT_EQ(echo.codes(normalized), planar);
  std::vector<uint8_t> out(768);
  ASSERT_TRUE(echo.session->set_input_image(0, image.data(), image.size()).ok());
  ASSERT_TRUE(echo.session->run().ok());
  ASSERT_TRUE(echo.session->get_output_codes(0, out.data(), out.size()).ok());
  EXPECT_EQ(out, planar);
  EXPECT_EQ(echo.codes(std::vector<float>(768, -1e9f)), std::vector<uint8_t>(768, 0));
  EXPECT_EQ(echo.codes(std::vector<float>(768, 1e9f)), std::vector<uint8_t>(768, 255));
}

TEST(Port, EveryPermutationOfAxesPutsElementsWhereItSays) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const int rank = static_cast<int>(random.in(1, 6));
    std::vector<uint8_t> axes;
    Dims shape;
    shape.rank = rank;
    for (int i = 0; i < rank; ++i) {
      axes.insert(axes.begin() + random.in(0, i), static_cast<uint8_t>(i));
      shape[i] = random.in(1, 4);
    }
    TensorInfo tensor;
    tensor.type = format::TensorType::Units;
    tensor.unit = 1;
    const PortMap map = make_port_map(tensor, shape, axes.data());
    std::vector<int32_t> stored(static_cast<size_t>(shape.count()));
    for (size_t i = 0; i < stored.size(); ++i) stored[i] = static_cast<int32_t>(i);
    std::vector<int32_t> user(stored.size(), -1);
    read_units(map, stored.data(), user.data());
    for (size_t i = 0; i < user.size(); ++i) {
      int64_t rest = static_cast<int64_t>(i), at[kMaxRank] = {};
      for (int axis = rank - 1; axis >= 0; --axis) {
        const int physical = axes[static_cast<size_t>(axis)];
        at[physical] = rest % shape[physical];
        rest /= shape[physical];
      }
      int64_t index = 0;
      for (int axis = 0; axis < rank; ++axis) index = index * shape[axis] + at[axis];
      ASSERT_EQ(user[i], index);
    }
  }
}

}  // namespace
}  // namespace weq::test
