// ONNX models made with protobuf's own classes, written to a folder of the test's own.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "converters/onnx/import.h"

namespace weq::test {

// A fresh folder that goes away with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "weq-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class OnnxBuilder {
 public:
  using Dims = std::vector<int64_t>;  // below 0: free, called "N" on the first axis, else "D"

  explicit OnnxBuilder(int64_t opset = 13) {
    model_.set_ir_version(7);
    model_.add_opset_import()->set_version(opset);
    graph().set_name("test");
  }
  onnx::ModelProto& model() { return model_; }
  onnx::GraphProto& graph() { return *model_.mutable_graph(); }

  OnnxBuilder& input(const std::string& name, const Dims& dims,
                     int type = onnx::TensorProto::FLOAT) {
    auto& info = *graph().add_input();
    info.set_name(name);
    auto& tensor = *info.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(type);
    tensor.mutable_shape();
    for (size_t i = 0; i < dims.size(); ++i) {
      auto& dim = *tensor.mutable_shape()->add_dim();
      if (dims[i] >= 0)
        dim.set_dim_value(dims[i]);
      else
        dim.set_dim_param(i == 0 ? "N" : "D");
    }
    return *this;
  }
  OnnxBuilder& output(const std::string& name) {
    auto& info = *graph().add_output();
    info.set_name(name);
    info.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
    return *this;
  }
  onnx::TensorProto& tensor(const std::string& name, const Dims& dims, int type) {
    auto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    for (int64_t dim : dims) tensor.add_dims(dim);
    return tensor;
  }
  OnnxBuilder& floats(const std::string& name, const Dims& dims, const std::vector<float>& data) {
    auto& added = tensor(name, dims, onnx::TensorProto::FLOAT);
    for (float value : data) added.add_float_data(value);
    return *this;
  }
  OnnxBuilder& ints(const std::string& name, const Dims& data) {
    auto& added = tensor(name, {static_cast<int64_t>(data.size())}, onnx::TensorProto::INT64);
    for (int64_t value : data) added.add_int64_data(value);
    return *this;
  }
  onnx::NodeProto& node(const std::string& op, const std::vector<std::string>& inputs,
                        const std::vector<std::string>& outputs, const std::string& name = "") {
    auto& node = *graph().add_node();
    node.set_op_type(op);
    node.set_name(name);
    for (const std::string& input : inputs) node.add_input(input);
    for (const std::string& output : outputs) node.add_output(output);
    return node;
  }

  std::string write(const TemporaryFolder& folder, const std::string& name = "model.onnx") const {
    std::ofstream stream(folder.file(name), std::ios::binary);
    if (!model_.SerializeToOstream(&stream)) std::abort();
    return folder.file(name);
  }
  convert::Graph import(const convert::ImportOptions& options = {}) const {
    const TemporaryFolder folder;
    return convert::import_onnx(write(folder), options);
  }
  // What import says against the model, without the path; "" if it says nothing.
  std::string refusal(const convert::ImportOptions& options = {}) const {
    const TemporaryFolder folder;
    const std::string path = write(folder);
    try {
      convert::import_onnx(path, options);
    } catch (const convert::ConvertError& error) {
      const std::string text = error.what();
      return text.compare(0, path.size() + 2, path + ": ") == 0 ? text.substr(path.size() + 2)
                                                                : "no path: " + text;
    }
    return "";
  }

 private:
  onnx::ModelProto model_;
};

inline void set(onnx::NodeProto& node, const std::string& key, int64_t value) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(key);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}
inline void set(onnx::NodeProto& node, const std::string& key, const std::vector<int64_t>& values) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(key);
  attribute.set_type(onnx::AttributeProto::INTS);
  for (int64_t value : values) attribute.add_ints(value);
}

}  // namespace weq::test
