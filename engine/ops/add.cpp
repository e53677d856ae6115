// Add: v = factor_a * La + factor_b * Lb + addend, broadcast; one or two outputs, or units.
#include "engine/ops/broadcast.h"
#include "engine/ops/tile_end.h"

namespace weq {
namespace {

const format::Add& table(const NodeContext& c) { return *c.node->op_as_Add(); }

int64_t bound_v(const NodeContext& c) {
  const format::Add& add = table(c);
  return epilogue_bound(c.inputs[0]->quantizer->max_abs_level(), 0, add.factor_a(), add.addend(),
                        add.factor_b(), c.inputs[1]->quantizer->max_abs_level());
}

bool check(const NodeContext& c) {
  const format::Add& add = table(c);
  if (!check_bytes_in(c) || !check_outputs(c, add.outputs(), add.unit())) return false;
  if (bound_v(c) < 0) return c.fail("factor_a", "v may leave 32 bits");
  return true;
}

class AddPlan : public Plan {
 public:
  explicit AddPlan(const PlanContext& c)
      : elementwise_(
            kernels::select_elementwise(c.isa, !c.inputs[0]->quantizer->map.byte_is_level ||
                                                   !c.inputs[1]->quantizer->map.byte_is_level)) {
    const format::Add& add = table(c);
    kernel = elementwise_.name;
    terms_ = {add.factor_a(), add.factor_b(), add.addend(), &c.inputs[0]->quantizer->map,
              &c.inputs[1]->quantizer->map};
    broadcast_.set(c.input_shapes[0], c.input_shapes[1]);
    end_.set(c, add.outputs(), bound_v(c));
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
        elementwise_.add(tile, terms_, v);
        end_.write(v, int64_t{tile.rows} * tile.columns, end_.target(c, at));
      }
    });
  }

 private:
  const kernels::ElementwiseKernel& elementwise_;
  kernels::AddTerms terms_;
  Broadcast broadcast_;
  TileEnd end_;
};

std::unique_ptr<Plan> plan(const PlanContext& c) { return std::make_unique<AddPlan>(c); }

}  // namespace

const Operator add_operator = {"Add", 2, 2, 1, 2, check, infer_broadcast, plan};

}  // namespace weq
