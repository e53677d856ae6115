// Conv: exact convolution or matrix product on levels, then the epilogue; residual optional.
// Ranks: [n, c] (a product), [n, w, c], [n, h, w, c]; leading axes beyond join the batch.
#include "kernels/conv/conv.h"

#include <algorithm>

#include "engine/ops/epilogue.h"
#include "engine/ops/op.h"
#include "engine/runtime/select_conv.h"
#include "kernels/conv/bounds.h"
#include "kernels/conv/codes.h"

namespace weq {
namespace {

using format::Conv;
using kernels::ConvProblem;
using kernels::ConvShape;

// A padded image may not reach this many elements: kernels copy it.
constexpr int64_t kMaxPadded = int64_t{1} << 31;

const Conv& table(const NodeContext& c) { return *c.node->op_as_Conv(); }

struct Window {
  int64_t h, w;
};
Window out_size(const Conv& conv, const Image& in) {
  const auto size = [&](int64_t length, uint32_t axis) {
    const int64_t extent = int64_t{conv.dilation()->Get(axis)} * (conv.kernel()->Get(axis) - 1) + 1;
    const int64_t padded = length + conv.pads()->Get(axis) + conv.pads()->Get(axis + 2);
    return padded < extent ? 0 : (padded - extent) / conv.stride()->Get(axis) + 1;
  };
  return {size(in.h, 0), size(in.w, 1)};
}

bool is_padded(const Conv& conv) {
  for (uint16_t pad : *conv.pads())
    if (pad != 0) return true;
  return false;
}

int32_t out_channels(const Conv& conv) {
  return static_cast<int32_t>(conv.epilogue()->multiplier()->size());
}

ConvShape make_shape(const NodeContext& c) {
  const Conv& conv = table(c);
  const Image in = as_image(c.input_shapes[0]);
  const Window out = out_size(conv, in);
  ConvShape s;
  s.batch = static_cast<int32_t>(in.n);
  s.in_h = static_cast<int32_t>(in.h);
  s.in_w = static_cast<int32_t>(in.w);
  s.in_c = static_cast<int32_t>(in.c);
  s.out_h = static_cast<int32_t>(out.h);
  s.out_w = static_cast<int32_t>(out.w);
  s.out_c = out_channels(conv);
  s.kernel_h = conv.kernel()->Get(0);
  s.kernel_w = conv.kernel()->Get(1);
  s.stride_h = conv.stride()->Get(0);
  s.stride_w = conv.stride()->Get(1);
  s.dilation_h = conv.dilation()->Get(0);
  s.dilation_w = conv.dilation()->Get(1);
  s.pad_top = conv.pads()->Get(0);
  s.pad_left = conv.pads()->Get(1);
  s.groups = static_cast<int32_t>(conv.groups());
  return s;
}

kernels::ConvWeights make_weights(const Conv& conv) {
  const format::Weights& w = *conv.weights();
  return {w.codes()->data(), w.bits(), w.levels()->data(),
          static_cast<int32_t>(w.levels()->size())};
}

bool check_window(const NodeContext& c) {
  const Conv& conv = table(c);
  const auto positive_pair = [&](const flatbuffers::Vector<uint16_t>* values) {
    return values->size() == 2 && values->Get(0) > 0 && values->Get(1) > 0;
  };
  if (!positive_pair(conv.kernel())) return c.fail("kernel", "not two positive numbers");
  if (!positive_pair(conv.stride())) return c.fail("stride", "not two positive numbers");
  if (!positive_pair(conv.dilation())) return c.fail("dilation", "not two positive numbers");
  if (conv.pads()->size() != 4) return c.fail("pads", "not four numbers");
  const int rank = c.input_shapes[0].rank;
  if (rank < 2) return c.fail("inputs", "the input has less than two axes");
  const bool product = conv.kernel()->Get(0) == 1 && conv.kernel()->Get(1) == 1 &&
                       conv.stride()->Get(0) == 1 && conv.stride()->Get(1) == 1 && !is_padded(conv);
  if (rank == 2 && !product) return c.fail("kernel", "not 1x1 on an input of two axes");
  if (rank == 3 && (conv.kernel()->Get(0) != 1 || conv.stride()->Get(0) != 1 ||
                    conv.pads()->Get(0) != 0 || conv.pads()->Get(2) != 0))
    return c.fail("kernel", "windows of height on an input of three axes");
  return true;
}

bool check_weights(const NodeContext& c) {
  const Conv& conv = table(c);
  const format::Weights& w = *conv.weights();
  const int64_t in_c = as_image(c.input_shapes[0]).c, out_c = out_channels(conv);
  const int64_t groups = conv.groups();
  if (out_c == 0) return c.fail("multiplier", "no output channel");
  if (groups < 1 || in_c % groups != 0 || out_c % groups != 0)
    return c.fail("groups", std::to_string(groups) + " do not divide " + std::to_string(in_c) +
                                " input and " + std::to_string(out_c) + " output channels");
  if (w.bits() < 1 || w.bits() > 8) return c.fail("weights.bits", "not 1 to 8");
  const auto level_count = static_cast<int32_t>(w.levels()->size());
  if (level_count < 1 || level_count > 1 << w.bits())
    return c.fail("weights.levels", std::to_string(level_count) + " of them do not suit " +
                                        std::to_string(w.bits()) + " bits");
  for (uint32_t k = 1; k < w.levels()->size(); ++k)
    if (w.levels()->Get(k) <= w.levels()->Get(k - 1))
      return c.fail("weights.levels", "not ascending");
  // Compared step by step: no product can overflow.
  const int64_t area = int64_t{conv.kernel()->Get(0)} * conv.kernel()->Get(1);  // below 2^32
  const int64_t per_tap = in_c / groups * out_c;                                // below 2^62
  if (w.count() % area != 0 || w.count() / area != per_tap)
    return c.fail("weights.count", std::to_string(w.count()) + " codes; kernel and channels need " +
                                       std::to_string(area) + " x " + std::to_string(per_tap));
  const uint64_t bytes = (uint64_t{w.count()} * w.bits() + 7) / 8;
  if (w.codes()->size() != bytes)
    return c.fail("weights.codes", std::to_string(w.codes()->size()) + " bytes; " +
                                       std::to_string(w.count()) + " codes need " +
                                       std::to_string(bytes));
  if (level_count == 1 << w.bits()) return true;
  kernels::LevelReader reader(make_weights(conv), 0);
  for (uint32_t i = 0; i < w.count(); ++i) {
    const int32_t code = reader.next_code();
    if (code >= level_count)
      return c.fail("weights.codes", "code " + std::to_string(code) + " at " + std::to_string(i) +
                                         "; there are " + std::to_string(level_count) + " levels");
  }
  return true;
}

bool check_pad_bytes(const NodeContext& c) {
  const Conv& conv = table(c);
  const QuantizerInfo& quantizer = *c.inputs[0]->quantizer;
  if (conv.pad_bytes() == nullptr) {
    if (is_padded(conv) && quantizer.map.zero_byte < 0)
      return c.fail("pad_bytes", "absent, and the input's quantizer has no level 0");
    return true;
  }
  if (conv.pad_bytes()->size() != static_cast<uint64_t>(as_image(c.input_shapes[0]).c))
    return c.fail("pad_bytes", "not one per input channel");
  for (uint8_t byte : *conv.pad_bytes())
    if (!quantizer.stored[byte])
      return c.fail("pad_bytes", "byte " + std::to_string(byte) + " has no code");
  return true;
}

// The figures of ConvBounds, and the largest |acc| of each channel.
bool check_bounds(const NodeContext& c, std::vector<int64_t>* max_abs_acc) {
  const Conv& conv = table(c);
  const format::ConvBounds& bounds = *conv.bounds();
  const ConvShape shape = make_shape(c);
  const kernels::ConvWeights weights = make_weights(conv);
  const kernels::LevelMap& map = c.inputs[0]->quantizer->map;
  const auto differs = [&](const char* field, int64_t stored, int64_t computed) {
    return c.fail(field,
                  std::to_string(stored) + " stored; the codes give " + std::to_string(computed));
  };
  max_abs_acc->resize(static_cast<size_t>(shape.out_c));
  const kernels::ConvBounds computed =
      kernels::compute_bounds(shape, weights, map, max_abs_acc->data());
  if (computed.max_abs_acc > INT32_MAX)
    return c.fail("weights.codes",
                  "sums may reach " + std::to_string(computed.max_abs_acc) + ", beyond 32 bits");
  if (bounds.max_abs_acc() != computed.max_abs_acc)
    return differs("bounds.max_abs_acc", bounds.max_abs_acc(), computed.max_abs_acc);
  if (bounds.lut_flush3() != computed.lut_flush3)
    return differs("bounds.lut_flush3", bounds.lut_flush3(), computed.lut_flush3);
  if (bounds.lut_flush2() != computed.lut_flush2)
    return differs("bounds.lut_flush2", bounds.lut_flush2(), computed.lut_flush2);
  if (bounds.sum16_flush() != computed.sum16_flush)
    return differs("bounds.sum16_flush", bounds.sum16_flush(), computed.sum16_flush);
  if (bounds.winograd_line() != computed.winograd_line)
    return differs("bounds.winograd_line", bounds.winograd_line(), computed.winograd_line);
  if (bounds.winograd_centre() != computed.winograd_centre)
    return differs("bounds.winograd_centre", bounds.winograd_centre(), computed.winograd_centre);
  if (bounds.winograd4() != static_cast<uint32_t>(computed.winograd4))
    return differs("bounds.winograd4", bounds.winograd4(), computed.winograd4);
  c.proof.conv = computed;
  return true;
}

bool check_v(const NodeContext& c, const std::vector<int64_t>& max_abs_acc) {
  const format::Epilogue& e = *table(c).epilogue();
  const int64_t residual = c.input_count() == 2 ? c.inputs[1]->quantizer->max_abs_level() : 0;
  for (uint32_t o = 0; o < max_abs_acc.size(); ++o) {
    const int64_t v = epilogue_bound(max_abs_acc[o], e.pre_shift(), e.multiplier()->Get(o),
                                     e.addend()->Get(o), e.residual_factor(), residual);
    if (v < 0) return c.fail("multiplier", "v may leave 32 bits in channel " + std::to_string(o));
    if (v > c.proof.max_abs_v) c.proof.max_abs_v = v;
  }
  return true;
}

bool check_epilogue(const NodeContext& c) {
  const format::Epilogue& e = *table(c).epilogue();
  if (e.addend()->size() != e.multiplier()->size())
    return c.fail("addend", "not as many as multipliers");
  if (e.pre_shift() > 30) return c.fail("pre_shift", "above 30");
  if ((e.residual_factor() != 0) != (c.input_count() == 2))
    return c.fail("residual_factor", c.input_count() == 2 ? "0 although a residual is given"
                                                          : "not 0 although there is no residual");
  if (c.input_count() == 2 && !c.inputs[1]->is_bytes())
    return c.fail("inputs", "the residual does not hold bytes");
  return check_outputs(c, e.outputs(), e.unit());
}

bool check(const NodeContext& c) {
  if (!c.inputs[0]->is_bytes()) return c.fail("inputs", "the input does not hold bytes");
  std::vector<int64_t> max_abs_acc;
  return check_window(c) && check_weights(c) && check_pad_bytes(c) && check_epilogue(c) &&
         check_bounds(c, &max_abs_acc) && check_v(c, max_abs_acc);
}

bool infer(const NodeContext& c, Dims* outputs) {
  const Conv& conv = table(c);
  const Dims& in = c.input_shapes[0];
  const Dims& nominal = c.inputs[0]->shape;
  if (in.rank != nominal.rank || in[in.rank - 1] != nominal[in.rank - 1])
    return c.fail("inputs", "the number of channels changed");
  if (conv.fixed_size())
    for (int i = 1; i < in.rank; ++i)
      if (in[i] != nominal[i])
        return c.fail("fixed_size", "only height and width of the model's own input are possible");
  const Image image = as_image(in);
  const Window out = out_size(conv, image);
  if (out.h < 1 || out.w < 1) return c.fail("kernel", "larger than the padded input");
  const int64_t rows = image.h + conv.pads()->Get(0) + conv.pads()->Get(2);
  const int64_t cols = image.w + conv.pads()->Get(1) + conv.pads()->Get(3);
  if (rows * cols >= kMaxPadded || rows * cols * image.n >= kMaxPadded / image.c)
    return c.fail("pads", "the padded input has 2^31 elements or more");
  Dims shape = in;
  shape[in.rank - 1] = out_channels(conv);
  if (in.rank > 2) shape[in.rank - 2] = out.w;
  if (in.rank > 3) shape[in.rank - 3] = out.h;
  for (size_t i = 0; i < c.output_count(); ++i) outputs[i] = shape;
  if (c.input_count() == 2 && c.input_shapes[1] != shape)
    return c.fail("inputs", "the residual's shape is not that of the output");
  return true;
}

class ConvPlan : public Plan {
 public:
  bool make(const PlanContext& c) {
    const Conv& conv = table(c);
    const format::Epilogue& e = *conv.epilogue();
    problem_.shape = make_shape(c);
    problem_.weights = make_weights(conv);
    problem_.input = &c.inputs[0]->quantizer->map;
    set_pad_bytes(conv);
    problem_.bounds = c.proof.conv;
    epilogue_.set(e.multiplier()->data(), e.addend()->data(), problem_.shape.out_c, e.pre_shift());
    if (c.input_count() == 2)
      epilogue_.set_residual(e.residual_factor(), &c.inputs[1]->quantizer->map);
    epilogue_.set_outputs(c, e.outputs(), c.proof.max_abs_v);
    units_ = !c.outputs[0]->is_bytes();
    out_stride_ = static_cast<ptrdiff_t>(c.output_pitch(0));
    requantize_ = c.requantize;

    ConvChoice choice = select_conv(problem_, c.isa, c.forced_kernel, c.tuned_kernel);
    if (choice.kernel == nullptr) return c.fail("kernel", "none accepts the layer");
    kernel_ = choice.kernel;
    kernel = kernel_->name;
    reason = choice.reason;
    candidates = std::move(choice.candidates);
    macs = problem_.shape.macs();
    scratch_bytes = kernel_->gather_bytes(problem_);
    workspace_bytes = kernel_->workspace_bytes(problem_);
    return true;
  }

  bool prepare(PackedCache* cache) override {
    const size_t bytes = kernel_->packed_bytes(problem_);
    if (bytes == 0) return true;
    packed_ = cache->find_or_pack(
        kernel_->name, bytes,
        [](const void* self, void* to) {
          const auto* plan = static_cast<const ConvPlan*>(self);
          plan->kernel_->pack(plan->problem_, to);
        },
        this);
    return packed_ != nullptr;
  }

  void run(const RunContext& c) const override {
    kernels::ConvCall call;
    call.problem = &problem_;
    call.packed = packed_;
    call.input = c.bytes_in(0);
    call.gathered = c.scratch;
    call.requantize = requantize_;
    call.epilogue = &epilogue_.get();
    if (epilogue_.get().residual_factor != 0) call.residual = c.bytes_in(1);
    if (units_) call.units = c.units_out(0);
    call.out_stride = out_stride_;
    for (int i = 0; i < epilogue_.get().outputs; ++i)
      call.bytes[i] = c.bytes_out(static_cast<size_t>(i));
    if (scratch_bytes != 0)
      c.parallel_for(kernel_->gather_items(problem_),
                     [&](int64_t begin, int64_t end, void*) { kernel_->gather(call, begin, end); });
    c.parallel_for(kernel_->items(problem_), [&](int64_t begin, int64_t end, void* workspace) {
      kernel_->run(call, begin, end, workspace);
    });
  }

 private:
  // A copy: kernels may read some bytes behind it.
  void set_pad_bytes(const Conv& conv) {
    if (!is_padded(conv)) return;
    const auto channels = static_cast<size_t>(problem_.shape.in_c);
    pad_bytes_.assign(channels + kernels::kSlack, static_cast<uint8_t>(problem_.input->zero_byte));
    if (conv.pad_bytes() != nullptr)
      std::copy(conv.pad_bytes()->begin(), conv.pad_bytes()->end(), pad_bytes_.begin());
    problem_.pad_bytes = pad_bytes_.data();
  }

  ConvProblem problem_;
  PreparedEpilogue epilogue_;
  std::vector<uint8_t> pad_bytes_;
  const kernels::ConvKernel* kernel_ = nullptr;
  const kernels::RequantizeKernel* requantize_ = nullptr;
  const void* packed_ = nullptr;
  bool units_ = false;
  ptrdiff_t out_stride_ = 0;
};

std::unique_ptr<Plan> plan(const PlanContext& c) {
  auto result = std::make_unique<ConvPlan>();
  if (!result->make(c)) return nullptr;
  return result;
}

}  // namespace

const Operator conv_operator = {"Conv", 1, 2, 1, 2, check, infer, plan, true};

}  // namespace weq
