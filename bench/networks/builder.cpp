#include "bench/networks/builder.h"

#include <onnx/onnx_pb.h>

#include <cmath>

#include "bench/networks/weights.h"
#include "converters/data/noise.h"

namespace weq::bench {
namespace {

uint64_t seed_of(const std::string& name) {
  uint64_t seed = 14695981039346656037u;
  for (const char c : name) seed = (seed ^ static_cast<uint8_t>(c)) * 1099511628211u;
  return seed;
}

void add_ints(onnx::NodeProto* node, const std::string& name, const std::vector<int64_t>& values) {
  onnx::AttributeProto* attribute = node->add_attribute();
  attribute->set_name(name);
  attribute->set_type(onnx::AttributeProto::INTS);
  for (const int64_t value : values) attribute->add_ints(value);
}

void add_int(onnx::NodeProto* node, const std::string& name, int64_t value) {
  onnx::AttributeProto* attribute = node->add_attribute();
  attribute->set_name(name);
  attribute->set_type(onnx::AttributeProto::INT);
  attribute->set_i(value);
}

void add_float(onnx::NodeProto* node, const std::string& name, float value) {
  onnx::AttributeProto* attribute = node->add_attribute();
  attribute->set_name(name);
  attribute->set_type(onnx::AttributeProto::FLOAT);
  attribute->set_f(value);
}

void describe(onnx::ValueInfoProto* value, const std::string& name,
              const std::vector<int64_t>& shape) {
  value->set_name(name);
  onnx::TypeProto::Tensor* type = value->mutable_type()->mutable_tensor_type();
  type->set_elem_type(onnx::TensorProto::FLOAT);
  for (const int64_t size : shape) type->mutable_shape()->add_dim()->set_dim_value(size);
}

int64_t positions(int64_t size, int64_t kernel, int64_t stride, int64_t pad) {
  return (size + 2 * pad - kernel) / stride + 1;
}

}  // namespace

struct NetworkBuilder::Impl {
  onnx::ModelProto model;
  convert::Noise random;
  int layers = 0;

  explicit Impl(const std::string& name) : random(seed_of(name)) {
    model.set_ir_version(7);
    model.add_opset_import()->set_version(13);
    model.mutable_graph()->set_name(name);
  }

  // A node of its own name with one output called like it.
  onnx::NodeProto* add(const std::string& op, const std::vector<std::string>& inputs) {
    onnx::NodeProto* node = model.mutable_graph()->add_node();
    std::string name = op + "_" + std::to_string(++layers);
    for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    node->set_op_type(op);
    node->set_name(name);
    node->add_output(name);
    for (const std::string& input : inputs) node->add_input(input);
    return node;
  }

  std::string constant(const std::string& name, const std::vector<int64_t>& shape,
                       const std::vector<float>& values) {
    onnx::TensorProto* tensor = model.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::FLOAT);
    for (const int64_t size : shape) tensor->add_dims(size);
    tensor->set_raw_data(values.data(), values.size() * sizeof(float));
    return name;
  }

  // Second and third inputs of a layer with weights.
  void add_weights(onnx::NodeProto* node, const std::vector<int64_t>& dims,
                   const WeightShape& shape, float gain) {
    const auto fan_in = static_cast<float>(shape.inputs * shape.kernel * shape.kernel);
    node->add_input(constant(node->name() + "_weights", dims,
                             draw_weights(shape, gain * std::sqrt(2.0F / fan_in), &random)));
    std::vector<float> bias;
    for (int64_t o = 0; o < shape.outputs; ++o) bias.push_back(0.05F * random.normal());
    node->add_input(constant(node->name() + "_bias", {shape.outputs}, bias));
  }

  std::string activate(const std::string& x, Activation activation) {
    if (activation == Activation::kNone) return x;
    if (activation == Activation::kRelu) return add("Relu", {x})->name();
    onnx::NodeProto* clip = add("Clip", {x});
    clip->add_input(constant(clip->name() + "_min", {}, {0.0F}));
    clip->add_input(constant(clip->name() + "_max", {}, {6.0F}));
    return clip->name();
  }
};

NetworkBuilder::NetworkBuilder(const std::string& name) : impl_(std::make_unique<Impl>(name)) {}
NetworkBuilder::~NetworkBuilder() = default;

Feature NetworkBuilder::image(int64_t channels, int64_t height, int64_t width) {
  describe(impl_->model.mutable_graph()->add_input(), "image", {1, channels, height, width});
  return {"image", channels, height, width};
}

Feature NetworkBuilder::conv(const Feature& x, const ConvSpec& s) {
  const int64_t inputs = x.channels / s.groups;
  onnx::NodeProto* node = impl_->add("Conv", {x.name});
  const std::string name = node->name();
  impl_->add_weights(node, {s.channels, inputs, s.kernel, s.kernel},
                     {s.channels, inputs, s.kernel, inputs == 1 && s.groups > 1}, s.gain);
  add_ints(node, "kernel_shape", {s.kernel, s.kernel});
  add_ints(node, "strides", {s.stride, s.stride});
  add_ints(node, "pads", {s.pad, s.pad, s.pad, s.pad});
  add_int(node, "group", s.groups);
  return {impl_->activate(name, s.activation), s.channels,
          positions(x.height, s.kernel, s.stride, s.pad),
          positions(x.width, s.kernel, s.stride, s.pad)};
}

Feature NetworkBuilder::relu(const Feature& x) {
  Feature y = x;
  y.name = impl_->activate(x.name, Activation::kRelu);
  return y;
}

Feature NetworkBuilder::add(const Feature& a, const Feature& b, Activation activation) {
  Feature y = a;
  y.name = impl_->activate(impl_->add("Add", {a.name, b.name})->name(), activation);
  return y;
}

Feature NetworkBuilder::concat(const std::vector<Feature>& parts) {
  std::vector<std::string> names;
  Feature y = parts.front();
  y.channels = 0;
  for (const Feature& part : parts) {
    names.push_back(part.name);
    y.channels += part.channels;
  }
  onnx::NodeProto* node = impl_->add("Concat", names);
  add_int(node, "axis", 1);
  y.name = node->name();
  return y;
}

Feature NetworkBuilder::lrn(const Feature& x) {
  onnx::NodeProto* node = impl_->add("LRN", {x.name});
  add_int(node, "size", 5);
  add_float(node, "alpha", 1e-4F);
  add_float(node, "beta", 0.75F);
  add_float(node, "bias", 1.0F);
  Feature y = x;
  y.name = node->name();
  return y;
}

Feature NetworkBuilder::max_pool(const Feature& x, int64_t kernel, int64_t stride, int64_t pad) {
  const bool stands_out = pad == 0;
  onnx::NodeProto* node = impl_->add("MaxPool", {x.name});
  add_ints(node, "kernel_shape", {kernel, kernel});
  add_ints(node, "strides", {stride, stride});
  add_ints(node, "pads", {pad, pad, pad, pad});
  add_int(node, "ceil_mode", stands_out ? 1 : 0);
  const int64_t rest = stands_out ? stride - 1 : 0;
  return {node->name(), x.channels, positions(x.height + rest, kernel, stride, pad),
          positions(x.width + rest, kernel, stride, pad)};
}

Feature NetworkBuilder::global_average(const Feature& x) {
  return {impl_->add("GlobalAveragePool", {x.name})->name(), x.channels, 1, 1};
}

Feature NetworkBuilder::flatten(const Feature& x) {
  return {impl_->add("Flatten", {x.name})->name(), x.channels * x.height * x.width, 1, 1};
}

Feature NetworkBuilder::fully_connected(const Feature& x, int64_t channels, Activation activation) {
  onnx::NodeProto* node = impl_->add("Gemm", {x.name});
  const std::string name = node->name();
  impl_->add_weights(node, {channels, x.channels}, {channels, x.channels}, 1);
  add_int(node, "transB", 1);
  return {impl_->activate(name, activation), channels, 1, 1};
}

void NetworkBuilder::output(const Feature& x) {
  describe(impl_->model.mutable_graph()->add_output(), x.name, {1, x.channels});
}

std::string NetworkBuilder::bytes() const { return impl_->model.SerializeAsString(); }

}  // namespace weq::bench
