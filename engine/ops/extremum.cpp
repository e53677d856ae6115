// Extremum: the smaller or larger of two stored bytes, broadcast. One quantizer for all three, so
// bytes order as values do.
#include "engine/ops/broadcast.h"
#include "engine/ops/tile_end.h"

namespace weq {
namespace {

bool check(const NodeContext& c) { return check_bytes_in(c) && check_values_kept(c); }

class ExtremumPlan : public Plan {
 public:
  explicit ExtremumPlan(const PlanContext& c)
      : elementwise_(kernels::select_elementwise(c.isa, false)),
        minimum_(c.node->op_as_Extremum()->minimum()) {
    kernel = elementwise_.name;
    workspace_bytes = kFlattenBytes;
    broadcast_.set(c.input_shapes[0], c.input_shapes[1]);
  }

  void run(const RunContext& c) const override {
    const auto extremum = minimum_ ? elementwise_.minimum : elementwise_.maximum;
    c.parallel_for(broadcast_.tiles(), [&](int64_t begin, int64_t end, uint8_t* workspace) {
      for (int64_t i = begin; i < end; ++i) {
        int64_t at = 0;
        kernels::PairTile tile = broadcast_.tile(i, c.bytes_in(0), c.bytes_in(1), &at);
        Broadcast::flatten(&tile, workspace);
        extremum(tile, c.bytes_out(0) + at, tile.columns);
      }
    });
  }

 private:
  const kernels::ElementwiseKernel& elementwise_;
  bool minimum_;
  Broadcast broadcast_;
};

std::unique_ptr<Plan> plan(const PlanContext& c) { return std::make_unique<ExtremumPlan>(c); }

}  // namespace

const Operator extremum_operator = {"Extremum", 2, 2, 1, 1, check, infer_broadcast, plan};

}  // namespace weq
