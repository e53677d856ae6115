// Lookup: stored byte to stored byte by a table, or a table per channel (last axis).
#include "engine/ops/tile_end.h"
#include "kernels/table/table.h"

namespace weq {
namespace {

constexpr uint32_t kEntries = 256;
constexpr int64_t kBlock = 1 << 14;  // bytes of a work item

const format::Lookup& table(const NodeContext& c) { return *c.node->op_as_Lookup(); }

bool check(const NodeContext& c) {
  if (!check_bytes_in(c)) return false;
  if (!c.outputs[0]->is_bytes()) return c.fail("outputs", "the output does not hold bytes");
  const int64_t tables = table(c).per_channel() ? row_length(c.input_shapes[0]) : 1;
  const auto& entries = *table(c).table();
  if (static_cast<int64_t>(entries.size()) != tables * kEntries)
    return c.fail("table", std::to_string(entries.size()) + " entries; " + std::to_string(tables) +
                               " x 256 are needed");
  for (uint32_t i = 0; i < entries.size(); ++i)
    if (c.inputs[0]->quantizer->stored[i % kEntries] &&
        !c.outputs[0]->quantizer->stored[entries[i]])
      return c.fail("table", "byte " + std::to_string(entries[i]) + " has no code");
  return true;
}

bool infer(const NodeContext& c, Dims* outputs) {
  outputs[0] = c.input_shapes[0];
  if (table(c).per_channel() && row_length(outputs[0]) != row_length(c.inputs[0]->shape))
    return c.fail("inputs", "the number of channels changed");
  return true;
}

class LookupPlan : public Plan {
 public:
  explicit LookupPlan(const PlanContext& c)
      : table_(kernels::select_table(c.isa)),
        entries_(table(c).table()->data()),
        per_channel_(table(c).per_channel()),
        channels_(row_length(c.input_shapes[0])),
        in_pitch_(c.input_pitch(0)),
        out_pitch_(c.output_pitch(0)),
        count_(c.input_shapes[0].count()) {
    if (!per_channel_) kernel = table_.name;
    in_place = 0;
  }

  void run(const RunContext& c) const override {
    const uint8_t* x = c.bytes_in(0);
    uint8_t* y = c.bytes_out(0);
    if (in_pitch_ != channels_ || out_pitch_ != channels_) {
      c.parallel_for(count_ / channels_, [&](int64_t begin, int64_t end, void*) {
        for (int64_t row = begin; row < end; ++row)
          run_row(x + row * in_pitch_, y + row * out_pitch_);
      });
      return;
    }
    if (per_channel_) {
      c.parallel_for(count_ / channels_, [&](int64_t begin, int64_t end, void*) {
        kernels::table_per_channel(x + begin * channels_, entries_, end - begin, channels_,
                                   y + begin * channels_);
      });
      return;
    }
    c.parallel_for((count_ + kBlock - 1) / kBlock, [&](int64_t begin, int64_t end, void*) {
      const int64_t first = begin * kBlock, last = end * kBlock < count_ ? end * kBlock : count_;
      table_.run(x + first, entries_, last - first, y + first);
    });
  }

 private:
  void run_row(const uint8_t* x, uint8_t* y) const {
    if (per_channel_) {
      kernels::table_per_channel(x, entries_, 1, channels_, y);
    } else {
      table_.run(x, entries_, channels_, y);
    }
  }

  const kernels::TableKernel& table_;
  const uint8_t* entries_;
  bool per_channel_;
  int64_t channels_, in_pitch_, out_pitch_, count_;
};

std::unique_ptr<Plan> plan(const PlanContext& c) { return std::make_unique<LookupPlan>(c); }

}  // namespace

const Operator lookup_operator = {"Lookup", 1, 1, 1, 1, check, infer, plan, true, true};

}  // namespace weq
