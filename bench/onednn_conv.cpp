#include "bench/onednn_layers.h"

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace weq::bench {
namespace {

using convert::ConvertError;
using convert::Shape;
using convert::Tensor;
using dnnl::memory;
using DataType = memory::data_type;
using Tag = memory::format_tag;
constexpr auto kInference = dnnl::prop_kind::forward_inference;

// Values of the graph's output stay real numbers; else as narrow as their sign allows.
DataType destination_type(const LayerRequest& r) {
  if (!r.int8() || r.graph.is_output(r.node.outputs[0])) return DataType::f32;
  for (const int reader : r.graph.consumers(r.node.outputs[0]))  // the only type that LRN takes
    if (r.graph.nodes[static_cast<size_t>(reader)].op == "LRN") return DataType::f32;
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
    const float low = r.int8() ? 0.0F : params.at(0), high = r.int8() ? 200.0F : params.at(1);
    ops.append_eltwise(1, dnnl::algorithm::eltwise_clip, low, high);
  } else if (!activation.empty()) {
    throw ConvertError("the oneDNN baseline has no fused " + activation);
  }
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(ops);
  if (r.int8()) {  // products of weights and activations of some 40 and 60 come back to some 60
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

// Weights read once a run come twice as fast from large pages. Before the memory is first touched.
void use_large_pages(const memory& data) {
  constexpr uintptr_t kPage = 4096;
  const auto begin = reinterpret_cast<uintptr_t>(data.get_data_handle());
  const uintptr_t first = (begin + kPage - 1) / kPage * kPage;
  const uintptr_t last = (begin + data.get_desc().get_size()) / kPage * kPage;
  if (last > first) madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}

memory reordered(const LayerRequest& r, const memory::dims& dims, const Tensor& weights,
                 const memory::desc& wanted) {
  memory result(wanted, r.engine);
  use_large_pages(result);
  dnnl::stream stream(r.engine);
  std::vector<int8_t> bytes;
  void* data = const_cast<float*>(weights.f.data());
  if (r.int8()) {
    bytes = quantized(weights);
    data = bytes.data();
  }
  memory plain({dims, r.int8() ? DataType::s8 : DataType::f32, plain_tag(dims.size())}, r.engine,
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
      kInference, source, any(dims, r.int8() ? DataType::s8 : DataType::f32),
      any({dims[0]}, DataType::f32), any({source.dims()[0], dims[0]}, destination_type(r)));
  const dnnl::inner_product_forward::primitive_desc chosen(
      desc, attributes_of(r, dims[0], weights.shape[1]), r.engine);
  return bind_weights<dnnl::inner_product_forward>(r, chosen, dims, weights);
}

}  // namespace

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
  const auto algorithm = r.arithmetic == Arithmetic::kFloatWinograd
                             ? dnnl::algorithm::convolution_winograd
                         : r.int8() ? dnnl::algorithm::convolution_direct
                                    : dnnl::algorithm::convolution_auto;
  const dnnl::convolution_forward::desc desc(
      kInference, algorithm, source_of(r), any(dims, r.int8() ? DataType::s8 : DataType::f32),
      any({y[1]}, DataType::f32), destination, w.strides, w.dilations, w.pads_begin, w.pads_end);
  const int64_t fan_in = weights->shape[1] * weights->shape[2] * weights->shape[3];
  const dnnl::convolution_forward::primitive_desc chosen(desc, attributes_of(r, y[1], fan_in),
                                                         r.engine);
  return bind_weights<dnnl::convolution_forward>(r, chosen, dims, *weights);
}

}  // namespace weq::bench
