#include "bench/onednn_layers.h"

#include <algorithm>
#include <cmath>

#include "converters/ops/window.h"

namespace weq::bench {
namespace {

using convert::ConvertError;
using convert::Node;
using convert::Shape;
using convert::Tensor;
using dnnl::memory;
using DataType = memory::data_type;
using Tag = memory::format_tag;
constexpr auto kInference = dnnl::prop_kind::forward_inference;

memory::desc any(const memory::dims& dims, DataType type) { return {dims, type, Tag::any}; }

memory::desc source_of(const LayerRequest& r) {
  if (!r.source.is_zero()) return r.source;
  return any(r.graph.value(r.node.inputs[0]).shape, r.int8 ? DataType::u8 : DataType::f32);
}

struct Window {
  memory::dims kernel, strides, dilations, pads_begin, pads_end;
};

Window window(const Node& node) {
  Window w;
  for (const convert::AxisWindow& axis : convert::window_of(node)) {
    w.kernel.push_back(axis.kernel);
    w.strides.push_back(axis.stride);
    w.dilations.push_back(axis.dilation - 1);
    w.pads_begin.push_back(axis.pad_begin);
    w.pads_end.push_back(axis.pad_end);
  }
  return w;
}

// Values of the graph's output stay real numbers; else as narrow as their sign allows.
DataType destination_type(const LayerRequest& r) {
  if (!r.int8 || r.graph.is_output(r.node.outputs[0])) return DataType::f32;
  const std::string activation = r.node.get_string("activation", "");
  const bool negative = activation.empty() || activation == "LeakyRelu";
  return negative ? DataType::s8 : DataType::u8;
}

dnnl::primitive_attr attributes_of(const LayerRequest& r, int64_t channels, int64_t fan_in) {
  dnnl::post_ops ops;
  if (!r.residual.is_zero()) ops.append_sum(1.0F, r.residual.data_type());
  const std::string activation = r.node.get_string("activation", "");
  const auto params = r.node.get_floats("activation_params");
  if (activation == "Relu" || activation == "LeakyRelu") {
    ops.append_eltwise(1, dnnl::algorithm::eltwise_relu, params.empty() ? 0.0F : params[0], 0);
  } else if (activation == "Clip") {
    const float low = r.int8 ? 0.0F : params.at(0), high = r.int8 ? 200.0F : params.at(1);
    ops.append_eltwise(1, dnnl::algorithm::eltwise_clip, low, high);
  } else if (!activation.empty()) {
    throw ConvertError("the oneDNN baseline has no fused " + activation);
  }
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(ops);
  if (r.int8) {  // products of weights and activations of some 40 and 60 come back to some 60
    const float scale = 1.0F / (40.0F * std::sqrt(static_cast<float>(fan_in)));
    attributes.set_output_scales(1 << 1, std::vector<float>(static_cast<size_t>(channels), scale));
  }
  return attributes;
}

// To -127..127, channel by channel.
std::vector<int8_t> quantized(const Tensor& weights) {
  const auto channels = static_cast<size_t>(weights.shape[0]);
  const size_t size = weights.f.size() / channels;
  std::vector<int8_t> result(weights.f.size());
  for (size_t o = 0; o < channels; ++o) {
    const float* from = weights.f.data() + o * size;
    float largest = 1e-30F;
    for (size_t i = 0; i < size; ++i) largest = std::max(largest, std::fabs(from[i]));
    for (size_t i = 0; i < size; ++i)
      result[o * size + i] = static_cast<int8_t>(std::lround(127 * from[i] / largest));
  }
  return result;
}

memory reordered(const LayerRequest& r, const memory::dims& dims, const Tensor& weights,
                 const memory::desc& wanted) {
  memory result(wanted, r.engine);
  dnnl::stream stream(r.engine);
  std::vector<int8_t> bytes;
  void* data = const_cast<float*>(weights.f.data());
  if (r.int8) {
    bytes = quantized(weights);
    data = bytes.data();
  }
  memory plain({dims, r.int8 ? DataType::s8 : DataType::f32, plain_tag(dims.size())}, r.engine,
               data);
  dnnl::reorder(plain, result).execute(stream, plain, result);
  stream.wait();
  return result;
}

memory bias_memory(const LayerRequest& r, int64_t channels) {
  const bool has_bias = r.node.inputs.size() > 2 && r.node.inputs[2] != convert::kNoValue;
  memory result({{channels}, DataType::f32, Tag::a}, r.engine);
  auto* to = static_cast<float*>(result.get_data_handle());
  std::fill_n(to, channels, 0.0F);
  if (has_bias) {
    const Tensor* bias = r.graph.constant(r.node.inputs[2]);
    std::copy_n(bias->f.begin(), channels, to);
  }
  return result;
}

template <class Primitive, class PrimitiveDesc>
Layer bind_weights(const LayerRequest& r, const PrimitiveDesc& desc, const memory::dims& dims,
                   const Tensor& weights) {
  Layer layer;
  layer.step.primitive = Primitive(desc);
  layer.step.implementation = desc.impl_info_str();
  layer.step.arguments[DNNL_ARG_WEIGHTS] = reordered(r, dims, weights, desc.weights_desc());
  layer.step.arguments[DNNL_ARG_BIAS] = bias_memory(r, weights.shape[0]);
  layer.source = desc.src_desc();
  layer.destination = desc.dst_desc();
  return layer;
}

// A product over everything: the source may still be an image, its weights are in that order.
Layer make_product(const LayerRequest& r, const Tensor& weights) {
  const memory::desc source = source_of(r);
  memory::dims dims = source.dims();
  dims[0] = weights.shape[0];
  const dnnl::inner_product_forward::desc desc(
      kInference, source, any(dims, r.int8 ? DataType::s8 : DataType::f32),
      any({dims[0]}, DataType::f32), any({source.dims()[0], dims[0]}, destination_type(r)));
  const dnnl::inner_product_forward::primitive_desc chosen(
      desc, attributes_of(r, dims[0], weights.shape[1]), r.engine);
  return bind_weights<dnnl::inner_product_forward>(r, chosen, dims, weights);
}

Layer make_conv(const LayerRequest& r) {
  const Tensor* weights = r.graph.constant(r.node.inputs[1]);
  if (weights == nullptr) throw ConvertError("layer " + r.node.name + ": weights are not constant");
  const Shape& y = r.graph.value(r.node.outputs[0]).shape;
  if (y.size() == 2 && r.residual.is_zero()) return make_product(r, *weights);
  if (y.size() != 4) throw ConvertError("the oneDNN baseline takes images only");
  const int64_t groups = r.node.get_int("group", 1);
  memory::dims dims = weights->shape;
  if (groups > 1) {
    dims[0] /= groups;
    dims.insert(dims.begin(), groups);
  }
  const Window w = window(r.node);
  memory::desc destination = any(y, destination_type(r));
  if (!r.residual.is_zero()) {  // in place of the residual, so in its layout
    destination = r.residual;
    destination.data.data_type = dnnl::memory::convert_to_c(destination_type(r));
  }
  const auto algorithm =
      r.int8 ? dnnl::algorithm::convolution_direct : dnnl::algorithm::convolution_auto;
  const dnnl::convolution_forward::desc desc(
      kInference, algorithm, source_of(r), any(dims, r.int8 ? DataType::s8 : DataType::f32),
      any({y[1]}, DataType::f32), destination, w.strides, w.dilations, w.pads_begin, w.pads_end);
  const int64_t fan_in = weights->shape[1] * weights->shape[2] * weights->shape[3];
  const dnnl::convolution_forward::primitive_desc chosen(desc, attributes_of(r, y[1], fan_in),
                                                         r.engine);
  return bind_weights<dnnl::convolution_forward>(r, chosen, dims, *weights);
}

Layer make_pool(const LayerRequest& r) {
  const memory::desc source = source_of(r);
  const Shape& y = r.graph.value(r.node.outputs[0]).shape;
  if (y.size() != 4) throw ConvertError("the oneDNN baseline takes images only");
  if (r.node.has("activation")) throw ConvertError("the oneDNN baseline has plain pools only");
  Window w = window(r.node);
  if (r.node.op == "GlobalAveragePool") {
    w = {{source.dims()[2], source.dims()[3]}, {1, 1}, {0, 0}, {0, 0}, {0, 0}};
  }
  for (size_t i = 0; i < 2; ++i) {  // ceil_mode: the last window may stand out
    const memory::dim reach = (y[i + 2] - 1) * w.strides[i] + w.kernel[i];
    w.pads_end[i] = std::max<memory::dim>(reach - source.dims()[i + 2] - w.pads_begin[i], 0);
  }
  const auto algorithm = r.node.op == "MaxPool" ? dnnl::algorithm::pooling_max
                         : r.node.get_int("count_include_pad", 0) != 0
                             ? dnnl::algorithm::pooling_avg_include_padding
                             : dnnl::algorithm::pooling_avg_exclude_padding;
  const dnnl::pooling_forward::desc desc(kInference, algorithm, source, any(y, source.data_type()),
                                         w.strides, w.kernel, w.pads_begin, w.pads_end);
  const dnnl::pooling_forward::primitive_desc chosen(desc, r.engine);
  Layer layer;
  layer.step.primitive = dnnl::pooling_forward(chosen);
  layer.step.implementation = chosen.impl_info_str();
  layer.source = chosen.src_desc();
  layer.destination = chosen.dst_desc();
  return layer;
}

}  // namespace

Tag plain_tag(size_t rank) {
  constexpr Tag kTags[] = {Tag::a, Tag::ab, Tag::abc, Tag::abcd, Tag::abcde};
  return kTags[rank - 1];
}

Layer make_layer(const LayerRequest& r) {
  const std::string& op = r.node.op;
  if (op == "Conv") return make_conv(r);
  if (op == "MaxPool" || op == "AveragePool" || op == "GlobalAveragePool") return make_pool(r);
  throw ConvertError("layer " + r.node.name + ": the oneDNN baseline has no " + op);
}

}  // namespace weq::bench
