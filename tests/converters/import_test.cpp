// What a graph looks like after import, and the two sources of trouble with it: weights and batch.
#include "converters/onnx/import.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/support/float_graph.h"
#include "tests/support/onnx_builder.h"

namespace weq::convert {
namespace {

using namespace weq::test;
using Proto = onnx::TensorProto;

const Value& output_of(const Graph& graph, size_t index = 0) {
  return graph.value(graph.outputs.at(index));
}

TEST(Import, NamesShapesAndOrder) {
  OnnxBuilder b;
  b.input("x", {-1, 3, 4, 4}).output("y").floats("w", {2, 3, 3, 3}, std::vector<float>(54, 0.5F));
  b.node("Relu", {"c"}, {"y"});  // before what it reads
  b.node("Conv", {"x", "w"}, {"c"});
  b.node("Tanh", {"c"}, {"nobody reads this"}, "dead");
  const Graph graph = b.import();
  ASSERT_EQ(ops_of(graph), std::vector<std::string>({"Conv", "Relu"}));
  EXPECT_EQ(graph.opset, 13);
  EXPECT_EQ(graph.nodes[0].name, "Conv_1");
  EXPECT_EQ(graph.nodes[1].name, "Relu_0");
  EXPECT_EQ(output_of(graph).name, "y");
  EXPECT_EQ(output_of(graph).shape, Shape({1, 2, 2, 2}));
  EXPECT_TRUE(output_of(graph).batched);
  EXPECT_FALSE(graph.value(graph.nodes[0].inputs[1]).batched);
}

TEST(Import, EqualNodeNamesBecomeUnique) {
  OnnxBuilder b;
  b.input("x", {-1, 4}).output("y");
  b.node("Relu", {"x"}, {"a"}, "layer");
  b.node("Relu", {"a"}, {"b"}, "layer");
  b.node("Relu", {"b"}, {"y"});
  const Graph graph = b.import();
  EXPECT_EQ(graph.nodes[0].name, "layer");
  EXPECT_EQ(graph.nodes[1].name, "layer_1");
  EXPECT_EQ(graph.nodes[2].name, "Relu_2");
}

TEST(Import, EveryOpsetOfTheRange) {
  for (int64_t opset = 7; opset <= 21; ++opset) {
    OnnxBuilder b(opset);
    b.input("x", {-1, 4}).output("y");
    b.node("Relu", {"x"}, {"y"});
    EXPECT_EQ(b.import().opset, opset);
  }
}

// One weight of four elements 0, 1, 2, 250 (or -3), in every type and both encodings.
struct Encoded {
  int type;
  std::string raw;
  std::vector<double> expected;
};

template <typename T>
std::string bytes(std::vector<T> values) {
  std::string data(values.size() * sizeof(T), '\0');
  std::memcpy(data.data(), values.data(), data.size());
  return data;
}

TEST(Import, RawDataOfEveryTypeIsWidened) {
  const std::vector<Encoded> cases{
      {Proto::FLOAT, bytes<float>({0, 1.5F, -2, 250}), {0, 1.5, -2, 250}},
      {Proto::DOUBLE, bytes<double>({0, 1.5, -2, 250}), {0, 1.5, -2, 250}},
      {Proto::FLOAT16, bytes<uint16_t>({0x0000, 0x3E00, 0xC000, 0x0001}), {0, 1.5, -2, 0x1p-24}},
      {Proto::BFLOAT16, bytes<uint16_t>({0x0000, 0x3FC0, 0xC000, 0x437A}), {0, 1.5, -2, 250}},
      {Proto::INT8, bytes<int8_t>({0, 1, -2, 127}), {0, 1, -2, 127}},
      {Proto::UINT8, bytes<uint8_t>({0, 1, 2, 250}), {0, 1, 2, 250}},
      {Proto::INT16, bytes<int16_t>({0, 1, -2, 3000}), {0, 1, -2, 3000}},
      {Proto::UINT16, bytes<uint16_t>({0, 1, 2, 65000}), {0, 1, 2, 65000}},
      {Proto::INT32, bytes<int32_t>({0, 1, -2, 1 << 30}), {0, 1, -2, 1 << 30}},
      {Proto::UINT32, bytes<uint32_t>({0, 1, 2, 4000000000U}), {0, 1, 2, 4e9}},
      {Proto::INT64, bytes<int64_t>({0, 1, -2, int64_t{1} << 40}), {0, 1, -2, 0x1p40}},
      {Proto::UINT64, bytes<uint64_t>({0, 1, 2, uint64_t{1} << 40}), {0, 1, 2, 0x1p40}},
      {Proto::BOOL, bytes<uint8_t>({0, 1, 0, 7}), {0, 1, 0, 1}}};
  for (const Encoded& c : cases) {
    SCOPED_TRACE(c.type);
    OnnxBuilder b;
    b.input("x", {-1, 4}).output("w");
    b.tensor("w", {2, 2}, c.type).set_raw_data(c.raw);
    const Graph graph = b.import();
    const Tensor* w = graph.constant(graph.outputs[0]);
    ASSERT_NE(w, nullptr);
    EXPECT_EQ(w->shape, Shape({2, 2}));
    for (size_t i = 0; i < 4; ++i)
      EXPECT_EQ(w->dtype == DType::kFloat ? w->f.at(i) : static_cast<double>(w->i.at(i)),
                c.expected[i]);
  }
}

TEST(Import, TypedDataIsWidened) {
  OnnxBuilder b;
  b.input("x", {-1, 4});
  const auto weight = [&](const std::string& name, int type) -> Proto& {
    b.output(name);
    return b.tensor(name, {2}, type);
  };
  Proto& half = weight("half", Proto::FLOAT16);
  Proto& brain = weight("brain", Proto::BFLOAT16);
  Proto& byte = weight("byte", Proto::INT8);
  Proto& flag = weight("flag", Proto::BOOL);
  Proto& wide = weight("wide", Proto::UINT64);
  Proto& twice = weight("twice", Proto::DOUBLE);
  for (int v : {0x3C00, 0xFC00}) half.add_int32_data(v);
  for (int v : {0x3F80, 0xBF80}) brain.add_int32_data(v);
  for (int v : {-5, 5}) byte.add_int32_data(v);
  for (int v : {1, 0}) flag.add_int32_data(v);
  for (uint64_t v : {1, 9}) wide.add_uint64_data(v);
  for (double v : {0.25, -8.0}) twice.add_double_data(v);
  const Graph graph = b.import();
  const auto at = [&](size_t i) { return graph.constant(graph.outputs[i]); };
  EXPECT_EQ(at(0)->f, std::vector<float>({1, -INFINITY}));
  EXPECT_EQ(at(1)->f, std::vector<float>({1, -1}));
  EXPECT_EQ(at(2)->i, Ints({-5, 5}));
  EXPECT_EQ(at(3)->i, Ints({1, 0}));
  EXPECT_EQ(at(3)->dtype, DType::kBool);
  EXPECT_EQ(at(4)->i, Ints({1, 9}));
  EXPECT_EQ(at(5)->f, std::vector<float>({0.25F, -8}));
}

TEST(Import, ExternalDataBesideTheModel) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "weights");
  std::ofstream(folder.file("weights/w.bin"), std::ios::binary)
      << "skip" << bytes<float>({1, 2, 3});
  OnnxBuilder b;
  b.input("x", {-1, 3}).output("w");
  auto& tensor = b.tensor("w", {3}, Proto::FLOAT);
  tensor.set_data_location(Proto::EXTERNAL);
  for (const auto& [key, value] : {std::pair{"location", "weights/w.bin"}, {"offset", "4"}}) {
    auto& entry = *tensor.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  const Graph graph = import_onnx(b.write(folder));
  EXPECT_EQ(graph.constant(graph.outputs[0])->f, std::vector<float>({1, 2, 3}));
}

// x [N, 2, 3] -> its first axis by Shape and Gather -> Concat with `rest` -> Reshape.
OnnxBuilder reshape_by_arithmetic(const Ints& rest, int64_t batch_dim) {
  OnnxBuilder b;
  b.input("x", {batch_dim, 2, 3}).output("y").ints("rest", rest);
  b.tensor("zero", {}, Proto::INT64).add_int64_data(0);
  b.tensor("front", {1}, Proto::INT64).add_int64_data(0);
  b.node("Shape", {"x"}, {"shape"});
  b.node("Gather", {"shape", "zero"}, {"n"});
  b.node("Unsqueeze", {"n", "front"}, {"n1"});
  set(b.node("Concat", {"n1", "rest"}, {"target"}), "axis", 0);
  b.node("Reshape", {"x", "target"}, {"y"});
  return b;
}

TEST(Import, TheBatchStaysSymbolicThroughShapeArithmetic) {
  const Graph graph = reshape_by_arithmetic({6}, -1).import();
  ASSERT_EQ(ops_of(graph), std::vector<std::string>({"Reshape"}));
  EXPECT_EQ(graph.nodes[0].get_ints("shape"), Ints({0, 6}));
  EXPECT_EQ(output_of(graph).shape, Shape({1, 6}));
  EXPECT_TRUE(output_of(graph).batched);
  EXPECT_EQ(run_on_random(graph, 1, 5)[0].shape, Shape({5, 6}));
}

TEST(Import, ABatchMultipliedWithAnotherAxisIsInferred) {
  OnnxBuilder b;
  b.input("x", {-1, 2, 3}).output("y").ints("two", {2}).ints("rest", {3}).ints("first", {0});
  b.node("Shape", {"x"}, {"shape"});
  b.node("Gather", {"shape", "first"}, {"n"});
  b.node("Mul", {"n", "two"}, {"rows"});
  set(b.node("Concat", {"rows", "rest"}, {"target"}), "axis", 0);
  b.node("Reshape", {"x", "target"}, {"y"});
  const Graph graph = b.import();
  EXPECT_EQ(graph.nodes[0].get_ints("shape"), Ints({-1, 3}));
  EXPECT_TRUE(output_of(graph).batched);
  EXPECT_EQ(run_on_random(graph, 1, 4)[0].shape, Shape({8, 3}));
}

TEST(Import, ABatchWrittenIntoReshapeIsFreed) {
  for (int64_t declared : {-1, 1}) {
    OnnxBuilder b;
    b.input("x", {declared, 2, 3}).output("y").ints("target", {1, -1});
    b.node("Reshape", {"x", "target"}, {"y"});
    const Graph graph = b.import();
    EXPECT_EQ(graph.nodes[0].get_ints("shape"), Ints({0, -1}));
    EXPECT_TRUE(output_of(graph).batched);
  }
}

TEST(Import, AFixedBatchIsKeptUnlessFreed) {
  OnnxBuilder b;
  b.input("x", {8, 2, 3}).output("y").ints("target", {8, 6});
  b.node("Reshape", {"x", "target"}, {"y"});
  const Graph fixed = b.import();
  EXPECT_EQ(output_of(fixed).shape, Shape({8, 6}));
  EXPECT_FALSE(output_of(fixed).batched);
  for (int64_t first : {0, 1}) {
    ImportOptions options;
    options.input_shapes["x"] = {first, 2, 3};
    const Graph freed = b.import(options);
    EXPECT_EQ(output_of(freed).shape, Shape({1, 6}));
    EXPECT_TRUE(output_of(freed).batched);
  }
  ImportOptions strict;
  strict.require_batch = true;
  EXPECT_EQ(b.refusal(strict),
            "input x: the batch is fixed at 8; give --input-shape x=1,2,3 to free it");
}

TEST(Import, AGraphThatNeedsBatchOneStaysThere) {
  OnnxBuilder b;
  b.input("x", {1, 4}).output("y").floats("c", {1, 4}, {1, 2, 3, 4});
  set(b.node("Concat", {"x", "c"}, {"y"}), "axis", 1);
  const Graph graph = b.import();
  EXPECT_FALSE(graph.value(graph.inputs[0]).batched);
  EXPECT_THROW(run_on_random(graph, 1, 1).at(1), std::out_of_range);
  EXPECT_THROW(FloatExecutor(graph, 2), ConvertError);
}

TEST(Import, FreeDimensionsComeFromTheUser) {
  OnnxBuilder b;
  b.input("x", {-1, 3, -1, -1}).output("y");
  b.node("GlobalAveragePool", {"x"}, {"y"});
  EXPECT_EQ(b.refusal(),
            "free dimensions of inputs are not known: x=[N,3,D,D]; give them by --input-shape "
            "NAME=DIMS, for example NAME=1,3,224,224");
  ImportOptions options;
  options.input_shapes["x"] = {1, 3, 8, 6};
  const Graph graph = b.import(options);
  EXPECT_EQ(graph.value(graph.inputs[0]).shape, Shape({1, 3, 8, 6}));
  EXPECT_TRUE(graph.value(graph.inputs[0]).batched);
  options.input_shapes["x"] = {1, 4, 8, 6};
  EXPECT_NE(b.refusal(options).find("contradicts the model's [N,3,D,D]"), std::string::npos);
  options.input_shapes = {{"z", {1, 3, 8, 6}}};
  EXPECT_NE(b.refusal(options).find("names z, which is no input of the model; use x"),
            std::string::npos);
}

TEST(Import, InitializersThatAreInputsTooAreWeights) {
  OnnxBuilder b(8);
  b.input("x", {-1, 2}).input("w", {2}).output("y").floats("w", {2}, {1, 2});
  b.node("Add", {"x", "w"}, {"y"});
  const Graph graph = b.import();
  EXPECT_EQ(graph.inputs.size(), 1u);
  EXPECT_NE(graph.constant(graph.nodes[0].inputs[1]), nullptr);
}

}  // namespace
}  // namespace weq::convert
