// One node of a prepared graph as one oneDNN primitive, with everything but its tensors bound.
#pragma once

#include <dnnl.hpp>
#include <string>
#include <unordered_map>

#include "bench/onednn_network.h"
#include "converters/ir/graph.h"

namespace weq::bench {

struct LayerStep {
  dnnl::primitive primitive;
  std::unordered_map<int, dnnl::memory> arguments;
  std::string implementation;
};

struct LayerRequest {
  const convert::Graph& graph;
  const convert::Node& node;
  const dnnl::engine& engine;
  Arithmetic arithmetic = Arithmetic::kFloat;
  dnnl::memory::desc source;  // empty: the graph's input, of which the primitive chooses the layout
  dnnl::memory::desc residual;  // empty: none; else the layout that the sum is done in

  bool int8() const { return arithmetic == Arithmetic::kInt8; }
};

struct Layer {
  LayerStep step;
  dnnl::memory::desc source, destination;
};

// Throws ConvertError for an operator that is not here.
Layer make_layer(const LayerRequest& request);

// By operator. make_conv takes matrix products too.
Layer make_conv(const LayerRequest& request);
Layer make_pool(const LayerRequest& request);
Layer make_lrn(const LayerRequest& request);

// A layout that the primitive chooses.
dnnl::memory::desc any(const dnnl::memory::dims& dims, dnnl::memory::data_type type);
dnnl::memory::desc source_of(const LayerRequest& request);

struct Window {
  dnnl::memory::dims kernel, strides, dilations, pads_begin, pads_end;
};
Window window(const convert::Node& node);

// Channels first, rank 1 to 5.
dnnl::memory::format_tag plain_tag(size_t rank);

}  // namespace weq::bench
