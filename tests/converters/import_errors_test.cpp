// Everything that import refuses, with the whole message or the part that matters.
#include <gtest/gtest.h>

#include "tests/support/float_graph.h"
#include "tests/support/onnx_builder.h"

namespace weq::convert {
namespace {

using namespace weq::test;
using Proto = onnx::TensorProto;

OnnxBuilder relu_model() {
  OnnxBuilder b;
  b.input("x", {-1, 4}).output("y");
  b.node("Relu", {"x"}, {"y"}, "relu");
  return b;
}

void expect_says(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "says: " << text << "\nwants: " << part;
}

std::string refusal_of_file(const std::string& path) {
  try {
    import_onnx(path);
  } catch (const ConvertError& error) {
    return error.what();
  }
  return "";
}

TEST(ImportErrors, FilesThatAreNoModels) {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& name, const std::string& content) {
    std::ofstream(folder.file(name), std::ios::binary) << content;
    return refusal_of_file(folder.file(name));
  };
  expect_says(refusal_of_file(folder.file("none.onnx")), "none.onnx: cannot be read: No such file");
  expect_says(refusal_of_file(folder.path().string()), "is not a file");
  expect_says(write("empty.onnx", ""), "is empty");
  expect_says(write("text.onnx", "this is no model, as anyone can see"), "is not an ONNX model");
  std::string bytes;
  relu_model().model().SerializeToString(&bytes);
  expect_says(write("cut.onnx", bytes.substr(0, bytes.size() - 3)), "damaged or cut short");
  onnx::ModelProto hollow;
  hollow.set_ir_version(7);
  expect_says(write("hollow.onnx", hollow.SerializeAsString()), "holds no graph");
}

TEST(ImportErrors, FilesBeyondTwoGigabytes) {
  const TemporaryFolder folder;
  const std::string path = folder.file("large.onnx");
  std::ofstream(path) << "x";
  std::error_code error;
  std::filesystem::resize_file(path, (uint64_t{1} << 31) + 5, error);  // sparse
  if (error) GTEST_SKIP() << "no sparse files here: " << error.message();
  expect_says(refusal_of_file(path), "is larger than 2 GiB");
}

// Cutting a model anywhere must end in a message or a graph, never in a crash.
TEST(ImportErrors, TruncationsAndFlippedBits) {
  OnnxBuilder b;
  b.input("x", {-1, 3, 4, 4}).output("y").floats("w", {2, 3, 3, 3}, std::vector<float>(54, 1));
  set(b.node("Conv", {"x", "w"}, {"c"}, "conv"), "pads", {1, 1, 1, 1});
  b.node("Relu", {"c"}, {"y"}, "relu");
  std::string whole;
  b.model().SerializeToString(&whole);
  const TemporaryFolder folder;
  const auto try_bytes = [&](const std::string& bytes) {
    std::ofstream(folder.file("m.onnx"), std::ios::binary | std::ios::trunc) << bytes;
    refusal_of_file(folder.file("m.onnx"));
  };
  for (size_t n = 1; n < whole.size(); ++n) try_bytes(whole.substr(0, n));
  for (size_t n = 0; n < whole.size(); ++n) {
    std::string flipped = whole;
    flipped[n] = static_cast<char>(flipped[n] ^ (1 << (n % 8)));
    try_bytes(flipped);
  }
}

TEST(ImportErrors, Opsets) {
  for (int64_t opset : {6, 22}) {
    OnnxBuilder b(opset);
    b.input("x", {-1, 4}).output("y");
    b.node("Relu", {"x"}, {"y"});
    EXPECT_EQ(b.refusal(), "uses opset " + std::to_string(opset) +
                               " where 7 to 21 are supported; export it at opset 13 or 17");
  }
}

TEST(ImportErrors, Wiring) {
  OnnxBuilder unknown = relu_model();
  unknown.node("Add", {"x", "ghost"}, {"z"}, "sum");
  EXPECT_EQ(unknown.refusal(),
            "layer sum: reads ghost, which is neither an input, a weight nor the result of a "
            "layer; export the model again");
  OnnxBuilder twice = relu_model();
  twice.node("Tanh", {"x"}, {"y"}, "tanh");
  EXPECT_EQ(twice.refusal(), "layer tanh: writes y, which exists already; export the model again");
  OnnxBuilder over_input = relu_model();
  over_input.node("Tanh", {"y"}, {"x"}, "tanh");
  expect_says(over_input.refusal(), "layer tanh: writes x, which exists already");
  OnnxBuilder cycle = relu_model();
  cycle.node("Add", {"x", "b"}, {"a"}, "first");
  cycle.node("Relu", {"a"}, {"b"}, "second");
  EXPECT_EQ(cycle.refusal(),
            "layer first: is part of a cycle; unroll the loop and export the model again");
  OnnxBuilder no_writer = relu_model();
  no_writer.output("z");
  EXPECT_EQ(no_writer.refusal(), "output z: no layer writes it; export the model again");
  OnnxBuilder no_output;
  no_output.input("x", {-1, 4}).node("Relu", {"x"}, {"y"});
  EXPECT_EQ(no_output.refusal(), "has no outputs; export the model again");
  OnnxBuilder silent = relu_model();
  silent.node("Relu", {"x"}, {}, "silent");
  EXPECT_EQ(silent.refusal(), "layer silent: has no output; remove it");
  OnnxBuilder weights = relu_model();
  weights.floats("w", {1}, {1}).floats("w", {1}, {1});
  EXPECT_EQ(weights.refusal(), "initializer w: occurs twice; export the model again");
  OnnxBuilder inputs = relu_model();
  inputs.input("x", {-1, 4});
  EXPECT_EQ(inputs.refusal(), "input x: occurs twice; export the model again");
}

TEST(ImportErrors, EverythingUnsupportedAtOnce) {
  OnnxBuilder b;
  b.input("x", {-1, 4}).input("words", {-1, 4}, Proto::STRING).output("y");
  b.tensor("w", {1}, 18).set_raw_data("x");  // float8
  b.tensor("unused", {1}, Proto::STRING);
  b.node("FancyNewOperator", {"x"}, {"a"}, "fancy");
  b.node("Conv", {"a", "w"}, {"b"}, "custom").set_domain("com.example");
  auto& branch = b.node("If", {"b"}, {"c"}, "branch");
  auto& attribute = *branch.add_attribute();
  attribute.set_name("then_branch");
  attribute.set_type(onnx::AttributeProto::GRAPH);
  attribute.mutable_g();
  b.node("Relu", {"c"}, {"y"}, "relu");
  const std::string text = b.refusal();
  expect_says(text, "5 places cannot be converted:\n");
  expect_says(text,
              "\n  input words: data type string is not supported; export the model in float32");
  expect_says(text, "\n  layer fancy: operator FancyNewOperator is not supported; replace it");
  expect_says(text, "\n  layer custom: operator com.example.Conv is not supported;");
  expect_says(text, "\n  layer branch: If: attribute then_branch holds a subgraph");
  expect_says(text, "\n  initializer w: data type float8e4m3fnuz is not supported");
}

TEST(ImportErrors, OperatorsThatDisagreeAreListedTogether) {
  OnnxBuilder b;
  b.input("x", {-1, 3, 4, 4})
      .output("y")
      .output("z")
      .floats("w", {2, 5, 1, 1}, std::vector<float>(10, 1));
  b.node("Conv", {"x", "w"}, {"y"}, "conv");
  b.node("Relu", {"x", "x"}, {"z"}, "relu");
  const std::string text = b.refusal();
  expect_says(text, "2 places cannot be converted:");
  expect_says(text, "layer conv: ");
  expect_says(text, "layer relu: ");
}

TEST(ImportErrors, FloatOnlyOperatorsWhereNotAdmitted) {
  OnnxBuilder b;
  b.input("x", {-1, 4}).input("z", {-1, 4}).output("y");
  b.node("Div", {"x", "z"}, {"a"}, "first");
  b.node("Div", {"a", "z"}, {"y"}, "second");
  EXPECT_EQ(b.refusal(), "");
  ImportOptions strict;
  strict.allow_float = false;
  expect_says(b.refusal(strict), "2 places cannot be converted:");
  expect_says(b.refusal(strict), "layer first: ");
  expect_says(b.refusal(strict), "layer second: ");
}

TEST(ImportErrors, WeightsThatDoNotFitTheirShape) {
  const auto refuse = [](const std::vector<int64_t>& dims, const std::string& raw) {
    OnnxBuilder b;
    b.input("x", {-1, 4}).output("w");
    b.tensor("w", dims, Proto::FLOAT).set_raw_data(raw);
    return b.refusal();
  };
  EXPECT_EQ(refuse({3}, "12345678"),
            "initializer w: has 8 bytes of data where its shape [3] wants 12; export the model "
            "again");
  expect_says(refuse({-3}, ""), "initializer w: shape [-3] has a negative extent");
  expect_says(refuse({int64_t{1} << 40, int64_t{1} << 40}, ""), "has too many elements");
  expect_says(refuse({int64_t{1} << 40}, ""), "wants 4398046511104");
  OnnxBuilder typed;
  typed.input("x", {-1, 4}).output("w").floats("w", {3}, {1, 2});
  EXPECT_EQ(typed.refusal(),
            "initializer w: has 2 elements where its shape [3] wants 3; export the model again");
}

std::string refuse_external(const TemporaryFolder& folder,
                            const std::vector<std::pair<std::string, std::string>>& entries) {
  OnnxBuilder b;
  b.input("x", {-1, 4}).output("w");
  auto& tensor = b.tensor("w", {3}, Proto::FLOAT);
  tensor.set_data_location(Proto::EXTERNAL);
  for (const auto& [key, value] : entries) {
    auto& entry = *tensor.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  std::filesystem::create_directories(folder.path() / "model");
  return refusal_of_file(b.write(folder, "model/m.onnx"));
}

TEST(ImportErrors, ExternalDataOutsideTheFolder) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("secret.bin")) << "123456789012";
  const std::string outside = "lies outside the model's folder, which is refused";
  expect_says(refuse_external(folder, {{"location", folder.file("secret.bin")}}), outside);
  expect_says(refuse_external(folder, {{"location", "../secret.bin"}}), outside);
  expect_says(refuse_external(folder, {{"location", "a/../../secret.bin"}}), outside);
  expect_says(refuse_external(folder, {}), outside);
  std::filesystem::create_symlink("../secret.bin", folder.path() / "model/link.bin");
  expect_says(refuse_external(folder, {{"location", "link.bin"}}),
              "\"link.bin\" is a link out of the model's folder");
  std::filesystem::create_directory_symlink("..", folder.path() / "model/up");
  expect_says(refuse_external(folder, {{"location", "up/secret.bin"}}),
              "is a link out of the model's folder");
}

TEST(ImportErrors, ExternalDataThatIsMissingOrShort) {
  const TemporaryFolder folder;
  expect_says(refuse_external(folder, {{"location", "w.bin"}}),
              "initializer w: external data \"w.bin\" is missing");
  std::ofstream(folder.file("model/w.bin")) << "123456789012";
  EXPECT_EQ(refuse_external(folder, {{"location", "w.bin"}}), "");
  expect_says(refuse_external(folder, {{"location", "w.bin"}, {"offset", "4"}}),
              "is too short for offset 4 and 12 bytes");
  expect_says(refuse_external(folder, {{"location", "w.bin"}, {"offset", "99999999999"}}),
              "is too short");
  expect_says(refuse_external(folder, {{"location", "w.bin"}, {"offset", "-4"}}),
              "bad offset \"-4\"");
  expect_says(refuse_external(folder, {{"location", "w.bin"}, {"length", "8"}}),
              "gives 8 bytes where the shape wants 12");
  expect_says(refuse_external(folder, {{"location", "w.bin"}, {"length", "many"}}),
              "bad length \"many\"");
  expect_says(refuse_external(folder, {{"location", "."}}), "is missing");
}

TEST(ImportErrors, ConstantsThatWouldFillTheMemory) {
  OnnxBuilder b;
  b.input("x", {-1, 4}).output("y").ints("shape", {1 << 15, 1 << 15}).floats("one", {1}, {1});
  b.node("Expand", {"one", "shape"}, {"y"}, "bomb");
  EXPECT_EQ(b.refusal(),
            "layer bomb: makes a constant of shape [32768,32768], which is too large; repair the "
            "model");
}

}  // namespace
}  // namespace weq::convert
