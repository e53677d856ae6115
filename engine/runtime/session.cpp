#include "engine/runtime/session.h"

#include <chrono>
#include <cstring>

namespace weq {
namespace {

class NodeCache : public PackedCache {
 public:
  NodeCache(const ModelImpl& model, size_t node) : model_(model), node_(node) {}
  const void* find_or_pack(const std::string& key, size_t bytes,
                           void (*pack)(const void* closure, void* to),
                           const void* closure) override {
    return model_.find_or_pack(node_, key, bytes, pack, closure);
  }

 private:
  const ModelImpl& model_;
  size_t node_;
};

}  // namespace

Status Session::arena_bytes(const Model& model, const SessionOptions& options, size_t* bytes) {
  SessionSetup setup;
  Status status = plan_nodes(implementation(model), options, &setup);
  if (status.ok()) *bytes = setup.layout.bytes;
  return status;
}

Status Session::create(std::shared_ptr<const Model> model, const SessionOptions& options,
                       std::unique_ptr<Session>* session) {
  if (model == nullptr) return Status(StatusCode::kInvalidArgument, "weq: the model is null");
  auto made = std::make_unique<SessionImpl>(std::move(model));
  Status status = made->make(options);
  if (status.ok()) *session = std::move(made);
  return status;
}

Status SessionImpl::make(const SessionOptions& options) {
  keep_ = options.keep_tensors;
  Status status = plan_nodes(impl_, options, &setup_);
  if (status.ok()) status = take_arena(options);
  if (status.ok()) status = pack();
  if (!status.ok()) return status;
  threads_ = std::make_unique<Threads>(options.threads);
  milliseconds_.assign(setup_.plans.size(), 0);
  resolve_pointers();
  make_ports();
  return {};
}

Status SessionImpl::take_arena(const SessionOptions& options) {
  const size_t bytes = setup_.layout.bytes;
  if (options.arena == nullptr) {
    own_arena_ = allocate_aligned(bytes);
    arena_ = own_arena_.get();
    if (arena_ != nullptr) return {};
    return impl_.report().make(StatusCode::kOutOfMemory, "arena", "",
                               "cannot allocate " + std::to_string(bytes) + " bytes");
  }
  if (reinterpret_cast<uintptr_t>(options.arena) % kernels::kAlignment != 0)
    return refuse("arena", "not aligned to 64 bytes");
  if (options.arena_size < bytes)
    return refuse("arena", std::to_string(options.arena_size) + " bytes given, " +
                               std::to_string(bytes) + " needed");
  arena_ = static_cast<uint8_t*>(options.arena);
  std::memset(arena_, 0, bytes);
  return {};
}

Status SessionImpl::pack() {
  for (size_t i = 0; i < setup_.plans.size(); ++i) {
    NodeCache cache(impl_, i);
    if (setup_.plans[i]->prepare(&cache)) continue;
    const std::string& failure = setup_.plans[i]->failure;
    const std::string place = format::Report::place(impl_.graph().node(i));
    if (!failure.empty()) return impl_.report().make(StatusCode::kUnsupported, place, "", failure);
    return impl_.report().make(StatusCode::kOutOfMemory, place, "", "no memory for packed weights");
  }
  return {};
}

void SessionImpl::resolve_pointers() {
  const Graph& graph = impl_.graph();
  const ArenaLayout& layout = setup_.layout;
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    // Constants are only ever inputs of nodes: the cast never leads to a write.
    memory_.push_back(graph.tensors[t].constant != nullptr
                          ? const_cast<uint8_t*>(graph.tensors[t].constant)
                      : layout.tensor[t] == ArenaLayout::kNowhere ? nullptr
                                                                  : arena_ + layout.tensor[t]);
  }
  size_t count = 0;
  for (size_t i = 0; i < graph.node_count(); ++i)
    count += size_t{graph.node(i).inputs()->size()} + graph.node(i).outputs()->size();
  edges_.reserve(count);
  for (size_t i = 0; i < graph.node_count(); ++i) {
    RunContext call;
    call.inputs = edges_.data() + edges_.size();
    for (int32_t t : *graph.node(i).inputs()) edges_.push_back(memory_[static_cast<size_t>(t)]);
    call.outputs = edges_.data() + edges_.size();
    for (int32_t t : *graph.node(i).outputs()) edges_.push_back(memory_[static_cast<size_t>(t)]);
    if (layout.scratch[i] != ArenaLayout::kNowhere) call.scratch = arena_ + layout.scratch[i];
    call.workspace = arena_ + layout.workspace;
    call.workspace_stride = layout.workspace_stride;
    call.threads = threads_.get();
    calls_.push_back(call);
  }
}

void SessionImpl::make_ports() {
  const Graph& graph = impl_.graph();
  const auto make = [&](const format::Port& port) {
    const auto t = static_cast<size_t>(port.tensor());
    const uint8_t* axes = port.axes() == nullptr ? nullptr : port.axes()->data();
    return Port{make_port_map(graph.tensors[t], setup_.shapes[t], axes), nullptr, memory_[t]};
  };
  const auto info = [&](const format::Port& port) {
    return describe_port(graph, port, setup_.shapes[static_cast<size_t>(port.tensor())]);
  };
  for (const format::Port* port : *graph.file->inputs()) {
    input_info_.push_back(info(*port));
    inputs_.push_back(make(*port));
    Port& made = inputs_.back();
    if (!made.map.tensor->is_bytes()) continue;
    made.quantizer = std::make_unique<InputQuantizer>(
        *made.map.tensor, input_info_.back().image ? graph.file->preprocess() : nullptr,
        made.map.channels);
    // A run before any input is set meets bytes that have a code.
    std::memset(made.memory, made.map.tensor->quantizer->map.byte_of_code[0], made.map.count());
  }
  for (const format::Port* port : *graph.file->outputs()) {
    output_info_.push_back(info(*port));
    outputs_.push_back(make(*port));
  }
}

Status SessionImpl::run() {
  using Clock = std::chrono::steady_clock;
  for (size_t i = 0; i < calls_.size(); ++i) {
    if (!trace_) {
      setup_.plans[i]->run(calls_[i]);
      continue;
    }
    const Clock::time_point start = Clock::now();
    setup_.plans[i]->run(calls_[i]);
    milliseconds_[i] = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  }
  ran_ = true;
  return {};
}

std::vector<LayerTrace> SessionImpl::trace() const {
  std::vector<LayerTrace> result;
  for (size_t i = 0; i < calls_.size(); ++i) {
    const Plan& plan = *setup_.plans[i];
    result.push_back({impl_.graph().node(i).name()->str(), impl_.graph().operators[i]->name,
                      plan.kernel, plan.reason, milliseconds_[i], plan.macs, plan.candidates});
  }
  return result;
}

}  // namespace weq
