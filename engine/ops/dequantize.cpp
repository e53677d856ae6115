// Dequantize: value = unit * level, or unit * v, in single precision.
#include "engine/ops/tile_end.h"
#include "kernels/table/float.h"

namespace weq {
namespace {

bool check(const NodeContext& c) {
  if (c.inputs[0]->type == format::TensorType::Float)
    return c.fail("inputs", "the input is float already");
  if (c.outputs[0]->type != format::TensorType::Float)
    return c.fail("outputs", "the output is not float");
  return true;
}

bool infer(const NodeContext& c, Dims* outputs) {
  outputs[0] = c.input_shapes[0];
  return true;
}

class DequantizePlan : public Plan {
 public:
  explicit DequantizePlan(const PlanContext& c)
      : bytes_(c.inputs[0]->is_bytes()), unit_(c.inputs[0]->unit) {
    count_ = c.input_shapes[0].count();
    if (!bytes_) return;
    for (int byte = 0; byte < 256; ++byte)
      values_[byte] = unit_ * static_cast<float>(c.inputs[0]->quantizer->map.level[byte]);
  }

  void run(const RunContext& c) const override {
    const int64_t blocks = (count_ + kTileElements - 1) / kTileElements;
    c.parallel_for(blocks, [&](int64_t begin, int64_t end, void*) {
      const int64_t first = begin * kTileElements, limit = end * kTileElements;
      const int64_t n = (limit < count_ ? limit : count_) - first;
      if (bytes_) {
        kernels::bytes_to_float(c.bytes_in(0) + first, values_, n, c.float_out(0) + first);
      } else {
        kernels::units_to_float(c.units_in(0) + first, unit_, n, c.float_out(0) + first);
      }
    });
  }

 private:
  bool bytes_;
  float unit_;
  float values_[256] = {};  // of each stored byte
  int64_t count_ = 0;
};

std::unique_ptr<Plan> plan(const PlanContext& c) { return std::make_unique<DequantizePlan>(c); }

}  // namespace

const Operator dequantize_operator = {"Dequantize", 1, 1, 1, 1, check, infer, plan};

}  // namespace weq
