// Pools, and normalization over channels, which oneDNN has for real numbers only.
#include <algorithm>

#include "bench/onednn_layers.h"

namespace weq::bench {

using convert::ConvertError;
using convert::Shape;
using dnnl::memory;

namespace {

constexpr auto kInference = dnnl::prop_kind::forward_inference;

template <class Primitive, class PrimitiveDesc>
Layer plain_layer(const PrimitiveDesc& desc) {
  Layer layer;
  layer.step.primitive = Primitive(desc);
  layer.step.implementation = desc.impl_info_str();
  layer.source = desc.src_desc();
  layer.destination = desc.dst_desc();
  return layer;
}

}  // namespace

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
  return plain_layer<dnnl::pooling_forward>(chosen);
}

Layer make_lrn(const LayerRequest& r) {
  const convert::Node& node = r.node;
  const dnnl::lrn_forward::desc desc(kInference, dnnl::algorithm::lrn_across_channels, source_of(r),
                                     node.get_int("size", 1), node.get_float("alpha", 1e-4F),
                                     node.get_float("beta", 0.75F), node.get_float("bias", 1.0F));
  return plain_layer<dnnl::lrn_forward>(dnnl::lrn_forward::primitive_desc(desc, r.engine));
}

}  // namespace weq::bench
