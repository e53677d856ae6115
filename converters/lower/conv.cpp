// Conv: codes packed in canonical order, scales and corrections turned into multiplier and addend.
#include <algorithm>
#include <cmath>

#include "converters/lower/list.h"
#include "kernels/conv/bounds.h"

namespace weq::convert {
namespace {

std::vector<uint8_t> pack_codes(const std::vector<uint8_t>& codes, int bits) {
  std::vector<uint8_t> packed((codes.size() * static_cast<size_t>(bits) + 7) / 8, 0);
  size_t at = 0;
  for (uint8_t code : codes) {
    const unsigned shifted = static_cast<unsigned>(code) << (at % 8);
    packed[at / 8] = static_cast<uint8_t>(packed[at / 8] | shifted);
    if (shifted >> 8) packed[at / 8 + 1] = static_cast<uint8_t>(shifted >> 8);
    at += static_cast<size_t>(bits);
  }
  return packed;
}

// The byte that stands for the mean pixel, which normalises to 0.
std::vector<uint8_t> mean_bytes(const ImageInput& image) {
  std::vector<uint8_t> bytes;
  for (double m : image.mean_pixel) {
    bytes.push_back(static_cast<uint8_t>(std::clamp(std::floor(m + 0.5), 0.0, 255.0)));
  }
  return bytes;
}

// Sum over the weights of output channel o of level * mean pixel of the input channel.
double mean_sum(const LayerWeights& weights, const ImageInput& image, const Shape& shape,
                int64_t groups, size_t o) {
  const size_t in = static_cast<size_t>(shape[1]);
  const size_t per_channel = weights.codes.size() / static_cast<size_t>(shape[0]);
  const size_t first = o / static_cast<size_t>(shape[0] / groups) * in;
  double sum = 0;
  for (size_t i = 0; i < per_channel; ++i) {
    const int level = weights.levels[weights.codes[o * per_channel + i]];
    sum += level * image.mean_pixel[first + i % in];
  }
  return sum;
}

bool is_padded(const std::vector<uint16_t>& pads) {
  return std::any_of(pads.begin(), pads.end(), [](uint16_t p) { return p != 0; });
}

}  // namespace

void lower_conv(Lowering& to, const Node& node) {
  const NodePlan& plan = to.node_plan(node);
  const LayerWeights& weights = plan.weights;
  const Shape& shape = to.graph().constant(node.inputs[1])->shape;
  const size_t out_c = static_cast<size_t>(shape[0]);
  const int64_t groups = node.get_int("group", 1);
  const int input = to.tensor(node.inputs[0]);
  const bool image = to.plan().image.active && node.inputs[0] == to.graph().inputs[0];

  format::ConvT conv;
  const std::vector<int64_t> kernel(shape.begin() + 2, shape.end());
  conv.kernel = two(shape.size() > 2 ? kernel : std::vector<int64_t>{}, 1);
  conv.stride = two(node.get_ints("strides"), 1);
  conv.dilation = two(node.get_ints("dilations"), 1);
  conv.pads = four_pads(node.get_ints("pads"));
  conv.groups = static_cast<uint32_t>(groups);
  if (image && is_padded(conv.pads)) conv.pad_bytes = mean_bytes(to.plan().image);

  conv.weights = std::make_unique<format::WeightsT>();
  conv.weights->bits = static_cast<uint8_t>(weights.bits);
  conv.weights->count = static_cast<uint32_t>(weights.codes.size());
  conv.weights->codes = pack_codes(weights.codes, weights.bits);
  conv.weights->levels.assign(weights.levels.begin(), weights.levels.end());
  conv.weights->real_levels = weights.real_levels;
  for (double s : weights.scales) conv.weights->channel_scales.push_back(static_cast<float>(s));

  kernels::ConvShape bound_shape;
  bound_shape.in_c = static_cast<int32_t>(shape[1] * groups);
  bound_shape.out_c = static_cast<int32_t>(out_c);
  bound_shape.kernel_h = conv.kernel[0];
  bound_shape.kernel_w = conv.kernel[1];
  bound_shape.dilation_h = conv.dilation[0];
  bound_shape.dilation_w = conv.dilation[1];
  bound_shape.stride_h = conv.stride[0];
  bound_shape.stride_w = conv.stride[1];
  bound_shape.groups = static_cast<int32_t>(groups);
  const kernels::ConvWeights bound_weights = {
      conv.weights->codes.data(), weights.bits,
      reinterpret_cast<const int8_t*>(conv.weights->levels.data()),
      static_cast<int32_t>(weights.levels.size())};
  const kernels::LevelMap map = level_map(to.code(input));
  std::vector<int64_t> per_channel(out_c);
  const kernels::ConvBounds computed =
      kernels::compute_bounds(bound_shape, bound_weights, map, per_channel.data());
  if (computed.max_abs_acc > INT32_MAX) {
    throw ConvertError("layer " + node.name + ": sums may reach " +
                       std::to_string(computed.max_abs_acc) +
                       ", beyond 32 bits; give it fewer bits with --layer");
  }
  conv.bounds = std::make_unique<format::ConvBoundsT>();
  conv.bounds->max_abs_acc = static_cast<uint32_t>(computed.max_abs_acc);
  conv.bounds->lut_flush3 = static_cast<uint16_t>(computed.lut_flush3);
  conv.bounds->lut_flush2 = static_cast<uint16_t>(computed.lut_flush2);
  conv.bounds->sum16_flush = static_cast<uint16_t>(computed.sum16_flush);
  conv.bounds->winograd_line = static_cast<uint16_t>(computed.winograd_line);
  conv.bounds->winograd_centre = static_cast<uint16_t>(computed.winograd_centre);
  conv.bounds->winograd4 = static_cast<uint32_t>(computed.winograd4);

  FitRequest request;
  for (size_t o = 0; o < out_c; ++o) {
    const double scale = weights.scales[o] * plan.gain[o];
    double bias = plan.bias[o];
    if (image) bias -= scale * mean_sum(weights, to.plan().image, shape, groups, o);
    request.multiplier.push_back(scale * to.unit(input));
    request.bias.push_back(bias);
    request.acc_low.push_back(-per_channel[o]);
    request.acc_high.push_back(per_channel[o]);
  }
  std::vector<int> inputs = {input};
  const int64_t residual_input = node.get_int("residual_input", -1);
  if (residual_input >= 0) {
    const int residual = to.tensor(node.inputs[static_cast<size_t>(residual_input)]);
    inputs.push_back(residual);
    request.residual_unit = to.unit(residual);
    request.residual_low = to.level_range(residual).low;
    request.residual_high = to.level_range(residual).high;
  }
  request.outputs = to.fit_outputs(node);
  const RequantizeFit fit = fit_requantize(request);

  conv.epilogue = std::make_unique<format::EpilogueT>();
  conv.epilogue->pre_shift = static_cast<uint8_t>(fit.pre_shift);
  conv.epilogue->multiplier = fit.multiplier;
  conv.epilogue->addend = fit.addend;
  conv.epilogue->residual_factor = fit.residual_factor;
  conv.epilogue->unit = fit.unit;
  conv.epilogue->outputs = Lowering::requantized(fit.outputs, 1);
  to.add(node.name, std::move(conv), inputs, {to.define(node.outputs[0], fit.unit)});
}

}  // namespace weq::convert
