#include "bench/onednn_network.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "bench/onednn_layers.h"
#include "converters/report/latency.h"

namespace weq::bench {

using convert::ConvertError;
using convert::Graph;
using convert::kNoValue;
using convert::Node;
using convert::ValueId;
using dnnl::memory;

namespace {

// Tensors' memory, used again once the last reader is done, as any runtime would.
class Blocks {
 public:
  explicit Blocks(const dnnl::engine& engine) : engine_(engine) {}

  size_t take(size_t bytes) {
    size_t best = blocks_.size();
    for (size_t i = 0; i < blocks_.size(); ++i) {
      const bool fits = blocks_[i].users == 0 && blocks_[i].bytes >= bytes;
      if (fits && (best == blocks_.size() || blocks_[i].bytes < blocks_[best].bytes)) best = i;
    }
    if (best == blocks_.size()) {
      const memory::desc plain({static_cast<memory::dim>(bytes)}, memory::data_type::u8,
                               memory::format_tag::a);
      blocks_.push_back({memory(plain, engine_), bytes, 0});
    }
    return best;
  }
  memory view(size_t block, const memory::desc& desc) const {
    return memory(desc, engine_, blocks_[block].owner.get_data_handle());
  }
  void add_users(size_t block, int count) { blocks_[block].users += count; }
  void drop_user(size_t block) { --blocks_[block].users; }
  bool has_one_user(size_t block) const { return blocks_[block].users == 1; }

 private:
  struct Block {
    memory owner;
    size_t bytes;
    int users;
  };
  const dnnl::engine& engine_;
  std::vector<Block> blocks_;
};

struct Placed {
  memory data;
  size_t block = 0;
};

}  // namespace

struct OnednnNetwork::Impl {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  Blocks blocks{engine};
  std::map<ValueId, Placed> placed;
  std::vector<LayerStep> steps;
  std::vector<std::string> names;
  ValueId input = kNoValue, output = kNoValue;
  Arithmetic arithmetic;

  void add(const Graph& graph, const Node& node);
  void place(const Graph& graph, ValueId value, size_t block, const memory::desc& desc);
  void place_input(const Graph& graph, ValueId value, const memory::desc& desc);
  void execute() {
    for (const LayerStep& step : steps) step.primitive.execute(stream, step.arguments);
    stream.wait();
  }
};

void OnednnNetwork::Impl::place(const Graph& graph, ValueId value, size_t block,
                                const memory::desc& desc) {
  const auto readers = static_cast<int>(graph.consumers(value).size());
  blocks.add_users(block, readers + (graph.is_output(value) ? 1 : 0));
  placed[value] = {blocks.view(block, desc), block};
}

// The graph's input keeps its block for ever: it is there before every run.
void OnednnNetwork::Impl::place_input(const Graph& graph, ValueId value, const memory::desc& desc) {
  const size_t block = blocks.take(desc.get_size());
  blocks.add_users(block, 1);
  place(graph, value, block, desc);
  const memory& data = placed[value].data;
  auto* bytes = static_cast<uint8_t*>(data.get_data_handle());
  std::fill_n(bytes, desc.get_size(), uint8_t{0});
  if (arithmetic == Arithmetic::kFloat) return;
  for (size_t i = 0; i < desc.get_size(); ++i)
    bytes[i] = static_cast<uint8_t>(i * 2654435761u >> 24);
}

void OnednnNetwork::Impl::add(const Graph& graph, const Node& node) {
  const ValueId x = node.inputs[0], y = node.outputs[0];
  if (node.op == "Reshape") {
    const Placed from = placed.at(x);
    placed[y] = from;
    blocks.add_users(from.block, static_cast<int>(graph.consumers(y).size()) - 1);
    return;
  }
  LayerRequest request{graph, node, engine, arithmetic == Arithmetic::kInt8, {}, {}};
  if (placed.count(x) > 0) request.source = placed.at(x).data.get_desc();
  const auto residual_at =
      static_cast<size_t>(std::max<int64_t>(node.get_int("residual_input", 0), 0));
  const ValueId residual = residual_at > 0 ? node.inputs[residual_at] : kNoValue;
  if (residual != kNoValue) request.residual = placed.at(residual).data.get_desc();
  Layer layer = make_layer(request);

  if (placed.count(x) == 0) place_input(graph, x, layer.source);
  const Placed from = placed.at(x);
  size_t block = 0;
  if (residual == kNoValue) {
    block = blocks.take(layer.destination.get_size());
  } else {
    const Placed& addend = placed.at(residual);
    block = addend.block;
    if (!blocks.has_one_user(block)) {  // the sum overwrites what somebody still reads
      block = blocks.take(addend.data.get_desc().get_size());
      const memory copy = blocks.view(block, addend.data.get_desc());
      steps.push_back({dnnl::reorder(addend.data, copy),
                       {{DNNL_ARG_FROM, addend.data}, {DNNL_ARG_TO, copy}},
                       "copy of the residual"});
      names.push_back(node.name);
    }
  }
  place(graph, y, block, layer.destination);
  layer.step.arguments[DNNL_ARG_SRC] = from.data;
  layer.step.arguments[DNNL_ARG_DST] = placed.at(y).data;
  steps.push_back(std::move(layer.step));
  names.push_back(node.name);
  blocks.drop_user(from.block);
  if (residual != kNoValue) blocks.drop_user(placed.at(residual).block);
}

OnednnNetwork::OnednnNetwork(const Graph& graph, Arithmetic arithmetic)
    : impl_(std::make_unique<Impl>()) {
  if (graph.inputs.size() != 1 || graph.outputs.size() != 1) {
    throw ConvertError("the oneDNN baseline takes networks of one input and one output only");
  }
  impl_->arithmetic = arithmetic;
  impl_->input = graph.inputs[0];
  impl_->output = graph.outputs[0];
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

std::vector<OnednnNetwork::Step> OnednnNetwork::time_steps(int passes) {
  using Clock = std::chrono::steady_clock;
  std::vector<std::vector<double>> times(impl_->steps.size());
  for (int pass = 0; pass < passes; ++pass) {
    for (size_t i = 0; i < impl_->steps.size(); ++i) {
      const LayerStep& step = impl_->steps[i];
      const Clock::time_point start = Clock::now();
      step.primitive.execute(impl_->stream, step.arguments);
      impl_->stream.wait();
      const std::chrono::duration<double, std::milli> elapsed = Clock::now() - start;
      times[i].push_back(elapsed.count());
    }
  }
  std::vector<Step> result;
  for (size_t i = 0; i < impl_->steps.size(); ++i) {
    result.push_back(
        {impl_->names[i], impl_->steps[i].implementation, convert::percentiles(times[i]).median});
  }
  return result;
}

}  // namespace weq::bench
