// Multiply: v = ((La * Lb + round) >> pre_shift) * multiplier + addend, broadcast; one or two
// outputs, or units.
#include "engine/ops/broadcast.h"
#include "engine/ops/tile_end.h"

namespace weq {
namespace {

const format::Multiply& table(const NodeContext& c) { return *c.node->op_as_Multiply(); }

int64_t bound_v(const NodeContext& c) {
  const format::Multiply& multiply = table(c);
  const int64_t product =
      int64_t{c.inputs[0]->quantizer->max_abs_level()} * c.inputs[1]->quantizer->max_abs_level();
  return epilogue_bound(product, multiply.pre_shift(), multiply.multiplier(), multiply.addend(), 0,
                        0);
}

bool check(const NodeContext& c) {
  const format::Multiply& multiply = table(c);
  if (!check_bytes_in(c) || !check_outputs(c, multiply.outputs(), multiply.unit())) return false;
  if (multiply.pre_shift() > 30) return c.fail("pre_shift", "above 30");
  if (bound_v(c) < 0) return c.fail("multiplier", "v may leave 32 bits");
  return true;
}

class MultiplyPlan : public Plan {
 public:
  explicit MultiplyPlan(const PlanContext& c)
      : elementwise_(
            kernels::select_elementwise(c.isa, !c.inputs[0]->quantizer->map.byte_is_level ||
                                                   !c.inputs[1]->quantizer->map.byte_is_level)) {
    const format::Multiply& multiply = table(c);
    kernel = elementwise_.name;
    terms_ = {multiply.pre_shift(), multiply.multiplier(), multiply.addend(),
              &c.inputs[0]->quantizer->map, &c.inputs[1]->quantizer->map};
    broadcast_.set(c.input_shapes[0], c.input_shapes[1]);
    end_.set(c, multiply.outputs(), bound_v(c));
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
        elementwise_.multiply(tile, terms_, v);
        end_.write(v, int64_t{tile.rows} * tile.columns, end_.target(c, at));
      }
    });
  }

 private:
  const kernels::ElementwiseKernel& elementwise_;
  kernels::MultiplyTerms terms_;
  Broadcast broadcast_;
  TileEnd end_;
};

std::unique_ptr<Plan> plan(const PlanContext& c) { return std::make_unique<MultiplyPlan>(c); }

}  // namespace

const Operator multiply_operator = {"Multiply", 2, 2, 1, 2, check, infer_broadcast, plan};

}  // namespace weq
