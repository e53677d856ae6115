// LocalResponse: LRN over channels on levels, the factor from a 128-cell table; one or two outputs,
// or units.
#include "engine/ops/tile_end.h"
#include "kernels/lrn/lrn.h"

namespace weq {
namespace {

constexpr uint32_t kCells = 128;
constexpr int64_t kLimit = int64_t{1} << 31;

const format::LocalResponse& table(const NodeContext& c) { return *c.node->op_as_LocalResponse(); }

int64_t bound_v(const NodeContext& c) {
  const format::LocalResponse& lrn = table(c);
  int64_t largest = 0;
  for (uint16_t factor : *lrn.factors()) largest = factor > largest ? factor : largest;
  return epilogue_bound(c.inputs[0]->quantizer->max_abs_level() * largest, lrn.pre_shift(),
                        lrn.multiplier(), lrn.addend(), 0, 0);
}

bool check(const NodeContext& c) {
  const format::LocalResponse& lrn = table(c);
  if (!check_bytes_in(c) || !check_outputs(c, lrn.outputs(), lrn.unit())) return false;
  if (c.input_shapes[0].rank < 1) return c.fail("inputs", "the input has no axis");
  if (lrn.size() < 1) return c.fail("size", "0");
  if (lrn.factors()->size() != kCells) return c.fail("factors", "not 128");
  for (uint16_t factor : *lrn.factors())
    if (factor >= 1 << 15) return c.fail("factors", "a factor of 2^15 or more");
  if (lrn.pre_shift() > 30) return c.fail("pre_shift", "above 30");
  const int64_t level = c.inputs[0]->quantizer->max_abs_level();
  if (level * level * lrn.size() >= kLimit)
    return c.fail("size", "the sum of squares may leave 32 bits");
  if (bound_v(c) < 0) return c.fail("multiplier", "v may leave 32 bits");
  return true;
}

bool infer(const NodeContext& c, Dims* outputs) {
  for (size_t i = 0; i < c.output_count(); ++i) outputs[i] = c.input_shapes[0];
  return true;
}

class LocalResponsePlan : public Plan {
 public:
  explicit LocalResponsePlan(const PlanContext& c)
      : lrn_(kernels::select_lrn(c.isa, !c.inputs[0]->quantizer->map.byte_is_level)) {
    kernel = lrn_.name;
    const format::LocalResponse& lrn = table(c);
    const Dims& shape = c.input_shapes[0];
    terms_ = {lrn.size(),       lrn.base(),   lrn.factors()->data(),       lrn.pre_shift(),
              lrn.multiplier(), lrn.addend(), &c.inputs[0]->quantizer->map};
    channels_ = shape[shape.rank - 1];
    total_ = shape.count() / channels_;
    pixels_ = channels_ < kTileElements ? kTileElements / channels_ : 1;
    end_.set(c, lrn.outputs(), bound_v(c));
    workspace_bytes = static_cast<size_t>(pixels_ * channels_) * sizeof(int32_t);
  }

  // A work item: as many pixels as fill a tile.
  void run(const RunContext& c) const override {
    c.parallel_for((total_ + pixels_ - 1) / pixels_,
                   [&](int64_t begin, int64_t end, void* workspace) {
                     for (int64_t i = begin; i < end; ++i)
                       run_tile(c, i * pixels_, static_cast<int32_t*>(workspace));
                   });
  }

 private:
  void run_tile(const RunContext& c, int64_t pixel, int32_t* v) const {
    const int64_t left = total_ - pixel, count = left < pixels_ ? left : pixels_;
    const int64_t at = pixel * channels_;
    lrn_.run(c.bytes_in(0) + at, count, static_cast<int32_t>(channels_), terms_, v);
    end_.write(c, v, count * channels_, at);
  }

  const kernels::LrnKernel& lrn_;
  kernels::LrnTerms terms_;
  TileEnd end_;
  int64_t channels_ = 1, total_ = 1, pixels_ = 1;
};

std::unique_ptr<Plan> plan(const PlanContext& c) { return std::make_unique<LocalResponsePlan>(c); }

}  // namespace

const Operator local_response_operator = {"LocalResponse", 1, 1, 1, 2, check, infer, plan, true};

}  // namespace weq
