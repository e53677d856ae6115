#include "bench/onednn_network.h"

#include <chrono>
#include <map>

#include "bench/onednn_blocks.h"
#include "bench/onednn_layers.h"

namespace weq::bench {

using convert::ConvertError;
using convert::Graph;
using convert::kNoValue;
using convert::Node;
using convert::ValueId;
using dnnl::memory;
using DataType = memory::data_type;
using Tag = memory::format_tag;

namespace {

struct Placed {
  memory data;
  size_t block = 0;
};

// Where a value lies in a concatenation along channels.
struct Part {
  ValueId whole = kNoValue;
  int64_t channel = 0;
};

// Of values that only a concatenation reads.
std::map<ValueId, Part> concat_parts(const Graph& graph) {
  std::map<ValueId, Part> parts;
  for (const Node& node : graph.nodes) {
    if (node.op != "Concat" || node.get_int("axis", 0) != 1) continue;
    int64_t channel = 0;
    for (const ValueId id : node.inputs) {
      if (graph.consumers(id).size() == 1) parts[id] = {node.outputs[0], channel};
      channel += graph.value(id).shape[1];
    }
  }
  return parts;
}

int64_t macs_of(const Graph& graph, const Node& node) {
  if (node.op != "Conv") return 0;
  const convert::Shape& weights = graph.constant(node.inputs[1])->shape;
  return convert::element_count(graph.value(node.outputs[0]).shape) *
         convert::element_count(weights) / weights[0];
}

// Channels that lie together in a layout of planes of blocks; 0: another layout.
int64_t channel_block(const memory::desc& desc) {
  for (const auto& [tag, block] : {std::pair(Tag::nChw16c, 16), std::pair(Tag::nChw8c, 8)})
    if (desc == memory::desc(desc.dims(), desc.data_type(), tag)) return block;
  return 0;
}

// Of the whole, in the layout of a part.
memory::desc whole_of(const memory::desc& part, const memory::dims& dims) {
  const int64_t block = channel_block(part);
  const Tag tag = block == 16                                                      ? Tag::nChw16c
                  : block == 8                                                     ? Tag::nChw8c
                  : part == memory::desc(part.dims(), part.data_type(), Tag::nhwc) ? Tag::nhwc
                                                                                   : Tag::nchw;
  return {dims, part.data_type(), tag};
}

}  // namespace

struct OnednnNetwork::Impl {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  Blocks blocks{engine};
  std::map<ValueId, Placed> placed;
  std::map<ValueId, Part> parts;
  std::vector<LayerStep> calls;
  std::vector<Step> steps;  // of the same length
  ValueId input = kNoValue, output = kNoValue;
  Arithmetic arithmetic;

  void add(const Graph& graph, const Node& node);
  void add_reshape(const Graph& graph, const Node& node);
  void add_concat(const Graph& graph, const Node& node);
  void add_layer(const Graph& graph, const Node& node);
  void add_call(const std::string& name, int64_t macs, LayerStep call);
  void add_copy(const std::string& name, const memory& from, const memory& to);
  // In a block of its own, or in the layout's place of the concatenation that reads it.
  void place(const Graph& graph, ValueId value, size_t block, const memory::desc& desc);
  void place_output(const Graph& graph, ValueId value, const memory::desc& desc);
  void place_input(const Graph& graph, ValueId value, const memory::desc& desc);
  void retype(const Graph& graph, const Node& node);
  size_t residual_block(const Node& node, ValueId residual);
  void execute() {
    for (const LayerStep& call : calls) call.primitive.execute(stream, call.arguments);
    stream.wait();
  }
};

void OnednnNetwork::Impl::place(const Graph& graph, ValueId value, size_t block,
                                const memory::desc& desc) {
  const auto readers = static_cast<int>(graph.consumers(value).size());
  blocks.add_users(block, readers + (graph.is_output(value) ? 1 : 0));
  placed[value] = {blocks.view(block, desc), block};
}

// A part whose planes lie together in the whole is written there at once.
void OnednnNetwork::Impl::place_output(const Graph& graph, ValueId value,
                                       const memory::desc& desc) {
  const auto apart = [&] { place(graph, value, blocks.take(desc.get_size()), desc); };
  const auto part = parts.find(value);
  if (part == parts.end()) return apart();
  const int64_t block = channel_block(desc);
  if (block == 0 || part->second.channel % block != 0 || desc.dims()[1] % block != 0)
    return apart();
  const ValueId whole = part->second.whole;
  if (placed.count(whole) == 0) {
    const memory::desc all = whole_of(desc, graph.value(whole).shape);
    place(graph, whole, blocks.take(all.get_size()), all);
  }
  const Placed& to = placed.at(whole);
  if (to.data.get_desc() != whole_of(desc, graph.value(whole).shape)) return apart();
  const int64_t plane = desc.dims()[2] * desc.dims()[3];
  const auto bytes = static_cast<int64_t>(memory::data_type_size(desc.data_type()));
  auto* start = static_cast<uint8_t*>(to.data.get_data_handle());
  blocks.add_users(to.block, 1);
  placed[value] = {memory(desc, engine, start + part->second.channel * plane * bytes), to.block};
}

// The graph's input keeps its block for ever: it is there before every run.
void OnednnNetwork::Impl::place_input(const Graph& graph, ValueId value, const memory::desc& desc) {
  const size_t block = blocks.take(desc.get_size());
  blocks.add_users(block, 1);
  place(graph, value, block, desc);
  const memory& data = placed[value].data;
  auto* bytes = static_cast<uint8_t*>(data.get_data_handle());
  std::fill_n(bytes, desc.get_size(), uint8_t{0});
  if (arithmetic != Arithmetic::kInt8) return;
  for (size_t i = 0; i < desc.get_size(); ++i)
    bytes[i] = static_cast<uint8_t>(i * 2654435761u >> 24);
}

void OnednnNetwork::Impl::add_call(const std::string& name, int64_t macs, LayerStep call) {
  steps.push_back({name, call.implementation, macs});
  calls.push_back(std::move(call));
}

void OnednnNetwork::Impl::add_copy(const std::string& name, const memory& from, const memory& to) {
  const dnnl::reorder::primitive_desc chosen(from, to);
  add_call(name, 0,
           {dnnl::reorder(chosen),
            {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}},
            "copy " + std::string(chosen.impl_info_str())});
}

void OnednnNetwork::Impl::add_reshape(const Graph& graph, const Node& node) {
  const memory::dims& dims = graph.value(node.inputs[0]).shape;
  if (placed.count(node.inputs[0]) == 0)
    place_input(graph, node.inputs[0],
                {dims, arithmetic == Arithmetic::kInt8 ? DataType::u8 : DataType::f32,
                 plain_tag(dims.size())});
  const Placed from = placed.at(node.inputs[0]);
  placed[node.outputs[0]] = from;
  blocks.add_users(from.block, static_cast<int>(graph.consumers(node.outputs[0]).size()) - 1);
}

// oneDNN's int8 convolutions refuse to write a part of the channels, and its reorder is twice as
// fast as its concatenation.
void OnednnNetwork::Impl::add_concat(const Graph& graph, const Node& node) {
  if (node.get_int("axis", 0) != 1) throw ConvertError("the oneDNN baseline joins channels only");
  const ValueId y = node.outputs[0];
  if (placed.count(y) == 0) {
    const memory::desc all =
        whole_of(placed.at(node.inputs[0]).data.get_desc(), graph.value(y).shape);
    place(graph, y, blocks.take(all.get_size()), all);
  }
  const Placed whole = placed.at(y);
  int64_t channel = 0;
  for (const ValueId id : node.inputs) {
    const Placed& from = placed.at(id);
    const memory::dims dims = from.data.get_desc().dims();
    if (from.block != whole.block) {
      const memory::desc desc = whole.data.get_desc().submemory_desc(dims, {0, channel, 0, 0});
      add_copy(node.name, from.data, blocks.view(whole.block, desc));
    }
    channel += dims[1];
    blocks.drop_user(from.block);
  }
}

// Normalization works on real numbers, convolution on bytes: what lies between is made the other
// kind, and counted with what made it.
void OnednnNetwork::Impl::retype(const Graph& graph, const Node& node) {
  const bool real = node.op == "LRN";
  const ValueId x = node.inputs[0];
  if (arithmetic != Arithmetic::kInt8 || (!real && node.op != "Conv")) return;
  const Placed from = placed.at(x);
  memory::desc desc = from.data.get_desc();
  if ((desc.data_type() == DataType::f32) == real) return;
  desc.data.data_type = dnnl::memory::convert_to_c(real ? DataType::f32 : DataType::u8);
  const size_t block = blocks.take(desc.get_size());
  const memory to = blocks.view(block, desc);
  const int producer = graph.producer(x);
  add_copy(real || producer < 0 ? node.name : graph.nodes[static_cast<size_t>(producer)].name,
           from.data, to);
  const auto readers = static_cast<int>(graph.consumers(x).size());
  for (int i = 0; i < readers; ++i) blocks.drop_user(from.block);
  blocks.add_users(block, readers);
  placed[x] = {to, block};
}

// The sum overwrites the residual, or a copy of it where somebody still reads it.
size_t OnednnNetwork::Impl::residual_block(const Node& node, ValueId residual) {
  const Placed& addend = placed.at(residual);
  if (blocks.has_one_user(addend.block)) return addend.block;
  const size_t block = blocks.take(addend.data.get_desc().get_size());
  add_copy(node.name, addend.data, blocks.view(block, addend.data.get_desc()));
  return block;
}

void OnednnNetwork::Impl::add_layer(const Graph& graph, const Node& node) {
  const ValueId x = node.inputs[0], y = node.outputs[0];
  LayerRequest request{graph, node, engine, arithmetic, {}, {}};
  if (placed.count(x) > 0) {
    retype(graph, node);
    request.source = placed.at(x).data.get_desc();
  }
  const auto residual_at =
      static_cast<size_t>(std::max<int64_t>(node.get_int("residual_input", 0), 0));
  const ValueId residual = residual_at > 0 ? node.inputs[residual_at] : kNoValue;
  if (residual != kNoValue) request.residual = placed.at(residual).data.get_desc();
  Layer layer = make_layer(request);

  if (placed.count(x) == 0) place_input(graph, x, layer.source);
  const Placed from = placed.at(x);
  if (residual == kNoValue) {
    place_output(graph, y, layer.destination);
  } else {
    place(graph, y, residual_block(node, residual), layer.destination);
    blocks.drop_user(placed.at(residual).block);
  }
  layer.step.arguments[DNNL_ARG_SRC] = from.data;
  layer.step.arguments[DNNL_ARG_DST] = placed.at(y).data;
  add_call(node.name, macs_of(graph, node), std::move(layer.step));
  blocks.drop_user(from.block);
}

void OnednnNetwork::Impl::add(const Graph& graph, const Node& node) {
  if (node.op == "Reshape") return add_reshape(graph, node);
  if (node.op == "Concat") return add_concat(graph, node);
  add_layer(graph, node);
}

OnednnNetwork::OnednnNetwork(const Graph& graph, Arithmetic arithmetic)
    : impl_(std::make_unique<Impl>()) {
  if (graph.inputs.size() != 1 || graph.outputs.size() != 1) {
    throw ConvertError("the oneDNN baseline takes networks of one input and one output only");
  }
  impl_->arithmetic = arithmetic;
  impl_->input = graph.inputs[0];
  impl_->output = graph.outputs[0];
  impl_->parts = concat_parts(graph);
  for (const Node& node : graph.nodes) impl_->add(graph, node);
}

OnednnNetwork::~OnednnNetwork() = default;

void OnednnNetwork::set_input(const std::vector<float>& values) {
  memory to = impl_->placed.at(impl_->input).data;
  const memory::desc chosen = to.get_desc();
  memory from({chosen.dims(), memory::data_type::f32, plain_tag(chosen.dims().size())},
              impl_->engine, const_cast<float*>(values.data()));
  dnnl::reorder(from, to).execute(impl_->stream, from, to);
  impl_->stream.wait();
}

void OnednnNetwork::run() { impl_->execute(); }

std::vector<float> OnednnNetwork::output() const {
  memory from = impl_->placed.at(impl_->output).data;
  const memory::dims dims = from.get_desc().dims();
  size_t count = 1;
  for (const memory::dim size : dims) count *= static_cast<size_t>(size);
  std::vector<float> values(count);
  memory to({dims, memory::data_type::f32, plain_tag(dims.size())}, impl_->engine, values.data());
  dnnl::reorder(from, to).execute(impl_->stream, from, to);
  impl_->stream.wait();
  return values;
}

const std::vector<OnednnNetwork::Step>& OnednnNetwork::steps() const { return impl_->steps; }

std::vector<double> OnednnNetwork::run_timed() {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  for (const LayerStep& call : impl_->calls) {
    const Clock::time_point start = Clock::now();
    call.primitive.execute(impl_->stream, call.arguments);
    impl_->stream.wait();
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  return times;
}

}  // namespace weq::bench
