// The plan that Add and Multiply share: tiles of two broadcast tensors -> v -> the outputs. Terms
// and the kernel's entry are all that differs.
#pragma once

#include "engine/ops/broadcast.h"
#include "engine/ops/tile_end.h"

namespace weq {

template <class Terms>
class PairPlan : public Plan {
 public:
  using Entry = void (*)(const kernels::PairTile& tile, const Terms& terms, int32_t* v);

  // `entry`: which of the selected kernel's functions runs. `v_bound`: the proven bound on |v|.
  PairPlan(const PlanContext& c, Entry kernels::ElementwiseKernel::*entry, const Terms& terms,
           const RequantizedList* outputs, int64_t v_bound)
      : terms_(terms) {
    const bool code_bytes = !terms.a->byte_is_level || !terms.b->byte_is_level;
    const kernels::ElementwiseKernel& selected = kernels::select_elementwise(c.isa, code_bytes);
    kernel = selected.name;
    entry_ = selected.*entry;
    broadcast_.set(c.input_shapes[0], c.input_shapes[1]);
    end_.set(c, outputs, v_bound);
    workspace_bytes = kTileBytes + kFlattenBytes;
    // A tile is read before it is written.
    if (c.outputs[0]->is_bytes() && c.input_shapes[0] == c.output_shapes[0]) in_place = 0;
  }

  void run(const RunContext& c) const override {
    c.parallel_for(broadcast_.tiles(), [&](int64_t begin, int64_t end, uint8_t* workspace) {
      auto* v = reinterpret_cast<int32_t*>(workspace);
      for (int64_t i = begin; i < end; ++i) {
        int64_t at = 0;
        kernels::PairTile tile = broadcast_.tile(i, c.bytes_in(0), c.bytes_in(1), &at);
        Broadcast::flatten(&tile, workspace + kTileBytes);
        entry_(tile, terms_, v);
        end_.write(c, v, int64_t{tile.rows} * tile.columns, at);
      }
    });
  }

 private:
  Terms terms_;
  Entry entry_;
  Broadcast broadcast_;
  TileEnd end_;
};

}  // namespace weq
