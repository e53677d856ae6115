// MaxPool: the largest stored byte of every window; padding never wins. Bytes are monotone in value
// for every quantizer, so nothing is decoded.
#include "engine/ops/pool_window.h"
#include "engine/ops/tile_end.h"

namespace weq {
namespace {

// Channels of a work item where there are few output rows.
constexpr int64_t kFewRows = 16, kChannelBlock = 256;

bool read(const NodeContext& c, PoolWindow* window) {
  const format::MaxPool& pool = *c.node->op_as_MaxPool();
  return read_window(c, pool.global(), pool.ceil_mode(), pool.kernel(), pool.stride(), pool.pads(),
                     pool.dilation(), window);
}

bool check(const NodeContext& c) {
  PoolWindow window;
  return check_bytes_in(c) && check_values_kept(c) && read(c, &window);
}

bool infer(const NodeContext& c, Dims* outputs) {
  PoolWindow window;
  return read(c, &window) && infer_window(c, window, outputs);
}

class MaxPoolPlan : public Plan {
 public:
  MaxPoolPlan(const PlanContext& c, const PoolWindow& window)
      : pool_(kernels::select_pool(c.isa, false)) {
    kernel = pool_.name;
    layout_.set(window, c.input_shapes[0], c.input_pitch(0));
    out_pitch_ = c.output_pitch(0);
    channels_ = layout_.in.c;
    block_ = layout_.in.n * layout_.out_h < kFewRows ? kChannelBlock : channels_;
    if (block_ > channels_) block_ = channels_;
    blocks_ = (channels_ + block_ - 1) / block_;
  }

  // A work item: one output row of one image, one block of channels.
  void run(const RunContext& c) const override {
    const int64_t items = layout_.in.n * layout_.out_h * blocks_;
    c.parallel_for(items, [&](int64_t begin, int64_t end, void*) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t row = i / blocks_, channel = i % blocks_ * block_;
        const int64_t left = channels_ - channel, count = left < block_ ? left : block_;
        for (const ColumnRun& run : layout_.columns) {
          kernels::WindowRun windows = layout_.windows(c.bytes_in(0), row / layout_.out_h,
                                                       row % layout_.out_h, run, channel, count);
          windows.out_step = out_pitch_;
          pool_.maximum(windows,
                        c.bytes_out(0) + (row * layout_.out_w + run.out) * out_pitch_ + channel);
        }
      }
    });
  }

 private:
  const kernels::PoolKernel& pool_;
  PoolLayout layout_;
  int64_t channels_ = 1, block_ = 1, blocks_ = 1, out_pitch_ = 1;
};

std::unique_ptr<Plan> plan(const PlanContext& c) {
  PoolWindow window;
  if (!read(c, &window)) return nullptr;
  return std::make_unique<MaxPoolPlan>(c, window);
}

}  // namespace

const Operator max_pool_operator = {"MaxPool", 1, 1, 1, 1, check, infer, plan, true, true};

}  // namespace weq
