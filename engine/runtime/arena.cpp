#include "engine/runtime/arena.h"

#include <algorithm>

namespace weq {
namespace {

// Room for `bytes` and the slack behind them.
size_t padded(size_t bytes) {
  return kernels::round_up(bytes + kernels::kSlack, kernels::kAlignment);
}

class Planner {
 public:
  Planner(const Graph& graph, const std::vector<Dims>& shapes, const std::vector<Place>& places,
          bool keep)
      : graph_(graph),
        shapes_(shapes),
        places_(places),
        keep_(keep),
        end_(static_cast<int64_t>(graph.node_count())),
        last_use_(graph.tensors.size(), -1),
        extent_of_(graph.tensors.size(), kNone) {
    for (size_t i = 0; i < graph.node_count(); ++i)
      for (const auto* ids : {graph.node(i).inputs(), graph.node(i).outputs()})
        for (int32_t t : *ids) last_use_[owner(t)] = static_cast<int64_t>(i);
    for (const format::Port* port : *graph.file->outputs())
      last_use_[static_cast<size_t>(port->tensor())] = end_;
    for (const format::Port* port : *graph.file->inputs()) {
      last_use_[static_cast<size_t>(port->tensor())] = end_;
      add(static_cast<size_t>(port->tensor()), -1);
    }
  }

  void add_node(size_t i, const Plan& plan) {
    const auto& outputs = *graph_.node(i).outputs();
    const size_t shared = find_shared(i, plan);
    for (uint32_t k = 0; k < outputs.size(); ++k) {
      const size_t t = owner(outputs[k]);
      if (extent_of_[t] != kNone) continue;  // begun by another tensor inside the same
      if (k == 0 && shared != kNone) {
        extent_of_[t] = shared;
        extents_[shared].last = last_use_[t];
      } else {
        add(t, static_cast<int64_t>(i));
      }
    }
    const auto step = static_cast<int64_t>(i);
    scratch_.push_back(plan.scratch_bytes == 0 ? kNone : push(plan.scratch_bytes, step, step));
  }

  ArenaLayout finish(size_t workspace_bytes, int threads) {
    ArenaLayout layout;
    layout.workspace_stride = workspace_bytes == 0 ? 0 : padded(workspace_bytes);
    const size_t workspace =
        workspace_bytes == 0
            ? kNone
            : push(layout.workspace_stride * static_cast<size_t>(threads), -1, end_);
    layout.bytes = place_extents(&extents_);
    const auto offset = [&](size_t e) {
      return e == kNone ? ArenaLayout::kNowhere : extents_[e].offset;
    };
    for (size_t t = 0; t < extent_of_.size(); ++t) {
      const size_t start = offset(extent_of_[owner(static_cast<int32_t>(t))]);
      const size_t inside =
          static_cast<size_t>(places_[t].channel) * graph_.tensors[t].element_size();
      layout.tensor.push_back(start == ArenaLayout::kNowhere ? start : start + inside);
    }
    for (size_t e : scratch_) layout.scratch.push_back(offset(e));
    layout.workspace = workspace == kNone ? 0 : extents_[workspace].offset;
    return layout;
  }

 private:
  static constexpr size_t kNone = SIZE_MAX;

  // The tensor in whose memory `tensor` lies.
  size_t owner(int32_t tensor) const {
    const int32_t host = places_[static_cast<size_t>(tensor)].host;
    return static_cast<size_t>(host >= 0 ? host : tensor);
  }
  size_t tensor_bytes(size_t t) const {
    return static_cast<size_t>(shapes_[t].count()) * graph_.tensors[t].element_size();
  }
  size_t push(size_t bytes, int64_t first, int64_t last) {
    extents_.push_back({padded(bytes), keep_ ? -1 : first, keep_ ? end_ : last, 0});
    return extents_.size() - 1;
  }
  void add(size_t t, int64_t first) { extent_of_[t] = push(tensor_bytes(t), first, last_use_[t]); }

  // The extent that output 0 of node i may take over from an input that dies here, or kNone.
  size_t find_shared(size_t i, const Plan& plan) const {
    if (keep_ || plan.in_place < 0) return kNone;
    const auto& inputs = *graph_.node(i).inputs();
    const int32_t id = inputs[static_cast<uint32_t>(plan.in_place)];
    const auto source = static_cast<size_t>(id);
    const auto target = static_cast<size_t>(graph_.node(i).outputs()->Get(0));
    if (places_[source].host >= 0 || places_[target].host >= 0) return kNone;
    if (extent_of_[source] == kNone || last_use_[source] != static_cast<int64_t>(i)) return kNone;
    if (tensor_bytes(source) != tensor_bytes(target)) return kNone;
    const auto shares = [&](int32_t other) { return owner(other) == source; };
    if (std::count_if(inputs.begin(), inputs.end(), shares) != 1) return kNone;
    return extent_of_[source];
  }

  const Graph& graph_;
  const std::vector<Dims>& shapes_;
  const std::vector<Place>& places_;
  const bool keep_;
  const int64_t end_;
  std::vector<int64_t> last_use_;
  std::vector<size_t> extent_of_, scratch_;
  std::vector<Extent> extents_;
};

}  // namespace

size_t place_extents(std::vector<Extent>* extents) {
  std::vector<size_t> order(extents->size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return (*extents)[a].bytes > (*extents)[b].bytes; });
  std::vector<const Extent*> placed;  // by offset
  size_t total = 0;
  for (size_t i : order) {
    Extent& e = (*extents)[i];
    size_t end = 0, best = SIZE_MAX, best_gap = SIZE_MAX;
    for (const Extent* p : placed) {
      if (p->last < e.first || e.last < p->first) continue;
      if (p->offset > end && p->offset - end >= e.bytes && p->offset - end < best_gap) {
        best = end;
        best_gap = p->offset - end;
      }
      end = std::max(end, p->offset + p->bytes);
    }
    e.offset = best == SIZE_MAX ? end : best;
    total = std::max(total, e.offset + e.bytes);
    const auto at =
        std::upper_bound(placed.begin(), placed.end(), e.offset,
                         [](size_t offset, const Extent* p) { return offset < p->offset; });
    placed.insert(at, &e);
  }
  return total;
}

ArenaLayout plan_arena(const Graph& graph, const std::vector<Dims>& shapes,
                       const std::vector<Place>& places,
                       const std::vector<std::unique_ptr<Plan>>& plans, int threads, bool keep) {
  Planner planner(graph, shapes, places, keep);
  size_t workspace = 0;
  for (size_t i = 0; i < plans.size(); ++i) {
    planner.add_node(i, *plans[i]);
    workspace = std::max(workspace, plans[i]->workspace_bytes);
  }
  return planner.finish(workspace, threads);
}

}  // namespace weq
