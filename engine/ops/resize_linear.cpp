// ResizeLinear: the weighted sum of four levels with 8-bit weights per axis, then
// v = ((acc + round) >> pre_shift) * multiplier + addend; one or two outputs, or units.
#include "engine/ops/resize_shape.h"
#include "engine/ops/tile_end.h"

namespace weq {
namespace {

constexpr int64_t kWeightSum = 65536;

const format::ResizeLinear& table(const NodeContext& c) { return *c.node->op_as_ResizeLinear(); }

int64_t bound_v(const NodeContext& c) {
  const format::ResizeLinear& resize = table(c);
  return epilogue_bound(kWeightSum * c.inputs[0]->quantizer->max_abs_level(), resize.pre_shift(),
                        resize.multiplier(), resize.addend(), 0, 0);
}

bool check(const NodeContext& c) {
  const format::ResizeLinear& resize = table(c);
  if (!check_bytes_in(c) ||
      !check_resize(c, resize.scales(), resize.sizes(), resize.coordinates()) ||
      !check_outputs(c, resize.outputs(), resize.unit()))
    return false;
  if (resize.pre_shift() > 30) return c.fail("pre_shift", "above 30");
  if (bound_v(c) < 0) return c.fail("multiplier", "v may leave 32 bits");
  return true;
}

bool infer(const NodeContext& c, Dims* outputs) {
  if (!infer_resize(c, table(c).scales(), table(c).sizes(), outputs)) return false;
  for (size_t i = 1; i < c.output_count(); ++i) outputs[i] = outputs[0];
  return true;
}

class ResizeLinearPlan : public Plan {
 public:
  explicit ResizeLinearPlan(const PlanContext& c)
      : resize_(kernels::select_resize(c.isa, !c.inputs[0]->quantizer->map.byte_is_level)),
        in_(as_image(c.input_shapes[0])),
        out_(as_image(c.output_shapes[0])) {
    const format::ResizeLinear& file = table(c);
    kernel = resize_.name;
    terms_ = {file.pre_shift(), file.multiplier(), file.addend(), &c.inputs[0]->quantizer->map};
    for (int i = 0; i < 2; ++i) {
      const kernels::ResizeAxis axis =
          resize_axis(c, file.scales(), file.sizes(), file.coordinates(), i);
      for (int32_t o = 0; o < axis.out; ++o) taps_[i].push_back(kernels::linear_tap(axis, o));
    }
    end_.set(c, file.outputs(), bound_v(c));
    pixels_ = in_.c < kTileElements ? kTileElements / in_.c : 1;
    workspace_bytes = static_cast<size_t>(pixels_ * in_.c) * sizeof(int32_t);
  }

  // A work item: one output row of one image.
  void run(const RunContext& c) const override {
    c.parallel_for(out_.n * out_.h, [&](int64_t begin, int64_t end, void* workspace) {
      auto* v = static_cast<int32_t*>(workspace);
      for (int64_t row = begin; row < end; ++row) {
        const uint8_t* x = c.bytes_in(0) + row / out_.h * in_.h * in_.w * in_.c;
        const kernels::LinearTap& vertical = taps_[0][static_cast<size_t>(row % out_.h)];
        for (int64_t pixel = 0; pixel < out_.w; pixel += pixels_) {
          const int64_t left = out_.w - pixel, count = left < pixels_ ? left : pixels_;
          resize_.run(x, in_.w * in_.c, static_cast<int32_t>(in_.c), vertical,
                      taps_[1].data() + pixel, static_cast<int32_t>(count), terms_, v);
          end_.write(c, v, count * in_.c, (row * out_.w + pixel) * in_.c);
        }
      }
    });
  }

 private:
  const kernels::ResizeKernel& resize_;
  kernels::LinearTerms terms_;
  Image in_, out_;
  std::vector<kernels::LinearTap> taps_[2];
  TileEnd end_;
  int64_t pixels_ = 1;
};

std::unique_ptr<Plan> plan(const PlanContext& c) { return std::make_unique<ResizeLinearPlan>(c); }

}  // namespace

const Operator resize_linear_operator = {"ResizeLinear", 1, 1, 1, 2, check, infer, plan, true};

}  // namespace weq
