// AveragePool: v = (sum of the window's levels) * M + addend, where M depends on how many positions
// count; one or two outputs, or units. Also sums (ReduceSum over height and width).
#include "engine/ops/average.h"
#include "engine/ops/pool_window.h"
#include "engine/ops/tile_end.h"

namespace weq {
namespace {

// Channels of a work item where there are few output rows.
constexpr int64_t kFewRows = 16, kChannelBlock = 256;

const format::AveragePool& table(const NodeContext& c) { return *c.node->op_as_AveragePool(); }

bool read(const NodeContext& c, PoolWindow* window) {
  const format::AveragePool& pool = table(c);
  return read_window(c, pool.global(), pool.ceil_mode(), pool.kernel(), pool.stride(), pool.pads(),
                     nullptr, window);
}

int64_t bound_v(const NodeContext& c, const PoolWindow& window) {
  const format::AveragePool& pool = table(c);
  const Image in = as_image(c.input_shapes[0]);
  const auto inside = [&](int64_t kernel, int64_t size) {
    return window.global || kernel > size ? size : kernel;
  };
  const int64_t positions = inside(window.kernel[0], in.h) * inside(window.kernel[1], in.w);
  return average_bound(c.inputs[0]->quantizer->max_abs_level(), positions, pool.scaled_multiplier(),
                       pool.scale_bits(), pool.addend(), pool.sum());
}

bool check(const NodeContext& c) {
  const format::AveragePool& pool = table(c);
  PoolWindow window;
  if (!check_bytes_in(c) || !read(c, &window) || !check_outputs(c, pool.outputs(), pool.unit()))
    return false;
  if (pool.scale_bits() > kMaxScaleBits) return c.fail("scale_bits", "above 48");
  if (pool.scaled_multiplier() > kMaxScaledMultiplier ||
      pool.scaled_multiplier() < -kMaxScaledMultiplier)
    return c.fail("scaled_multiplier", "beyond 2^61");
  return true;
}

// The bound depends on the window, and that on the size: it is proven here, for every size asked.
bool infer(const NodeContext& c, Dims* outputs) {
  PoolWindow window;
  if (!read(c, &window) || !infer_window(c, window, outputs)) return false;
  if (bound_v(c, window) < 0)
    return c.fail("scaled_multiplier", "v may leave 32 bits at this size");
  for (size_t i = 1; i < c.output_count(); ++i) outputs[i] = outputs[0];
  return true;
}

class AveragePoolPlan : public Plan {
 public:
  AveragePoolPlan(const PlanContext& c, const PoolWindow& window)
      : pool_(kernels::select_pool(c.isa, !c.inputs[0]->quantizer->map.byte_is_level)),
        file_(table(c)),
        map_(c.inputs[0]->quantizer->map) {
    kernel = pool_.name;
    layout_.set(window, c.input_shapes[0], c.input_pitch(0));
    channels_ = layout_.in.c;
    block_ = layout_.in.n * layout_.out_h * layout_.out_w < kFewRows ? kChannelBlock : channels_;
    if (block_ > kTileElements) block_ = kTileElements;
    if (block_ > channels_) block_ = channels_;
    blocks_ = (channels_ + block_ - 1) / block_;
    // Results of neighbouring windows are gapless only where a block has all channels.
    windows_ = blocks_ == 1 ? kTileElements / block_ : 1;
    end_.set(c, file_.outputs(), bound_v(c, window));
    workspace_bytes = kTileElements * sizeof(int32_t);
  }

  // A work item: one output row of one image, one block of channels.
  void run(const RunContext& c) const override {
    const int64_t items = layout_.in.n * layout_.out_h * blocks_;
    c.parallel_for(items, [&](int64_t begin, int64_t end, void* workspace) {
      for (int64_t i = begin; i < end; ++i) {
        for (const ColumnRun& run : layout_.columns)
          run_columns(c, i / blocks_, i % blocks_ * block_, run, static_cast<int32_t*>(workspace));
      }
    });
  }

 private:
  int64_t counted(const kernels::WindowSpan& rows, const kernels::WindowSpan& columns) const {
    if (file_.sum()) return 1;
    if (file_.count_include_pad()) return rows.counted * columns.counted;
    return rows.inside * columns.inside;
  }

  void run_columns(const RunContext& c, int64_t row, int64_t channel, const ColumnRun& run,
                   int32_t* v) const {
    const int64_t oh = row % layout_.out_h, left = channels_ - channel;
    const int64_t channels = left < block_ ? left : block_;
    kernels::WindowRun windows =
        layout_.windows(c.bytes_in(0), row / layout_.out_h, oh, run, channel, channels);
    windows.out_step = channels;
    const int64_t n = counted(layout_.rows(oh), run.span);
    kernels::AverageTerms terms;
    terms.multiplier =
        static_cast<int32_t>(average_multiplier(file_.scaled_multiplier(), file_.scale_bits(), n));
    terms.addend = file_.addend();
    terms.map = &map_;
    for (int64_t done = 0; done < run.count; done += windows_) {
      const int64_t rest = run.count - done;
      windows.windows = static_cast<int32_t>(rest < windows_ ? rest : windows_);
      pool_.average(windows, terms, v);
      const int64_t at = (row * layout_.out_w + run.out + done) * channels_ + channel;
      end_.write(c, v, windows.windows * channels, at);
      windows.x += windows.windows * windows.step;
    }
  }

  const kernels::PoolKernel& pool_;
  const format::AveragePool& file_;
  const kernels::LevelMap& map_;
  PoolLayout layout_;
  TileEnd end_;
  int64_t channels_ = 1, block_ = 1, blocks_ = 1, windows_ = 1;
};

std::unique_ptr<Plan> plan(const PlanContext& c) {
  PoolWindow window;
  if (!read(c, &window)) return nullptr;
  return std::make_unique<AveragePoolPlan>(c, window);
}

}  // namespace

const Operator average_pool_operator = {"AveragePool", 1, 1, 1, 2, check, infer, plan, true, true};

}  // namespace weq
