#include "bench/onednn_layers.h"

#include "converters/ops/window.h"

namespace weq::bench {

using dnnl::memory;
using Tag = memory::format_tag;

memory::desc any(const memory::dims& dims, memory::data_type type) {
  return {dims, type, Tag::any};
}

memory::desc source_of(const LayerRequest& r) {
  if (!r.source.is_zero()) return r.source;
  return any(r.graph.value(r.node.inputs[0]).shape,
             r.int8() ? memory::data_type::u8 : memory::data_type::f32);
}

Window window(const convert::Node& node) {
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

Tag plain_tag(size_t rank) {
  constexpr Tag kTags[] = {Tag::a, Tag::ab, Tag::abc, Tag::abcd, Tag::abcde};
  return kTags[rank - 1];
}

Layer make_layer(const LayerRequest& r) {
  const std::string& op = r.node.op;
  if (op == "Conv") return make_conv(r);
  if (op == "MaxPool" || op == "AveragePool" || op == "GlobalAveragePool") return make_pool(r);
  if (op == "LRN") return make_lrn(r);
  throw convert::ConvertError("layer " + r.node.name + ": the oneDNN baseline has no " + op);
}

}  // namespace weq::bench
