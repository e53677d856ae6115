// Quantize: float to stored bytes; code = number of boundaries <= value.
#include <cmath>

#include "engine/ops/tile_end.h"
#include "kernels/table/float.h"

namespace weq {
namespace {

const format::Quantize& table(const NodeContext& c) { return *c.node->op_as_Quantize(); }

bool check(const NodeContext& c) {
  if (c.inputs[0]->type != format::TensorType::Float)
    return c.fail("inputs", "the input is not float");
  if (!c.outputs[0]->is_bytes()) return c.fail("outputs", "the output does not hold bytes");
  const auto& boundaries = *table(c).boundaries();
  if (boundaries.size() != static_cast<uint32_t>(c.outputs[0]->quantizer->map.codes - 1))
    return c.fail("boundaries", "their number is not that of the output's codes less one");
  for (uint32_t k = 0; k < boundaries.size(); ++k) {
    if (std::isnan(boundaries[k])) return c.fail("boundaries", "not a number");
    if (k > 0 && boundaries[k] < boundaries[k - 1]) return c.fail("boundaries", "not ascending");
  }
  return true;
}

bool infer(const NodeContext& c, Dims* outputs) {
  outputs[0] = c.input_shapes[0];
  return true;
}

class QuantizePlan : public Plan {
 public:
  explicit QuantizePlan(const PlanContext& c)
      : file_(table(c)),
        store_(c.outputs[0]->quantizer->map.byte_of_code),
        count_(c.input_shapes[0].count()) {}

  void run(const RunContext& c) const override {
    const int64_t blocks = (count_ + kTileElements - 1) / kTileElements;
    c.parallel_for(blocks, [&](int64_t begin, int64_t end, void*) {
      const int64_t first = begin * kTileElements, limit = end * kTileElements;
      kernels::float_to_bytes(c.float_in(0) + first, file_.boundaries()->data(),
                              static_cast<int32_t>(file_.boundaries()->size()), store_,
                              (limit < count_ ? limit : count_) - first, c.bytes_out(0) + first);
    });
  }

 private:
  const format::Quantize& file_;
  const uint8_t* store_;  // stored byte of each code
  int64_t count_;
};

std::unique_ptr<Plan> plan(const PlanContext& c) { return std::make_unique<QuantizePlan>(c); }

}  // namespace

const Operator quantize_operator = {"Quantize", 1, 1, 1, 1, check, infer, plan};

}  // namespace weq
