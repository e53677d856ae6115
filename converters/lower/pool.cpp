// Pools and reductions over height and width.
#include "converters/lower/list.h"

namespace weq::convert {
namespace {

// A reduction without kept axes is the pool followed by a view.
int pooled_tensor(Lowering& to, const Node& node, float unit, bool* needs_view) {
  const ValueId out = node.outputs[0];
  const Shape& shape = to.graph().value(out).shape;
  const Shape& in = to.graph().value(node.inputs[0]).shape;
  *needs_view = shape.size() != in.size();
  if (!*needs_view) return to.define(out, unit);
  Shape kept = in;
  for (size_t a = 2; a < kept.size(); ++a) kept[a] = 1;
  const int result = to.define(out, unit);
  return to.intermediate(node.name + "/pooled", to_physical(kept), result);
}

void finish(Lowering& to, const Node& node, int pooled, bool needs_view) {
  if (!needs_view) return;
  format::ReshapeT reshape;
  reshape.shape = to_physical(to.graph().value(node.outputs[0]).shape);
  reshape.shape[0] = 0;
  to.add(node.name + "/squeeze", std::move(reshape), {pooled}, {to.tensor(node.outputs[0])});
}

bool is_global(const Node& node) { return node.op != "AveragePool" && node.op != "MaxPool"; }

}  // namespace

void lower_average(Lowering& to, const Node& node) {
  const int input = to.tensor(node.inputs[0]);
  const Shape& shape = to.graph().value(node.inputs[0]).shape;
  format::AveragePoolT pool;
  pool.global = is_global(node);
  pool.sum = node.op == "ReduceSum";
  int64_t window = 1;
  if (pool.global) {
    for (size_t a = 2; a < shape.size(); ++a) window *= shape[a];
  } else {
    pool.kernel = two(node.get_ints("kernel_shape"), 1);
    pool.stride = two(node.get_ints("strides"), 1);
    pool.pads = four_pads(node.get_ints("pads"));
    pool.ceil_mode = node.get_int("ceil_mode", 0) != 0;
    pool.count_include_pad = node.get_int("count_include_pad", 0) != 0;
    window = int64_t{pool.kernel[0]} * pool.kernel[1];
  }
  const AverageFit fit = fit_average(to.unit(input), to.level_range(input), window, pool.sum, 0.0,
                                     to.fit_outputs(node));
  pool.scaled_multiplier = fit.scaled_multiplier;
  pool.scale_bits = static_cast<uint8_t>(fit.scale_bits);
  pool.addend = fit.addend;
  pool.unit = fit.unit;
  pool.outputs = Lowering::requantized(fit.outputs, 1);
  bool needs_view = false;
  const int output = pooled_tensor(to, node, fit.unit, &needs_view);
  to.add(node.name, std::move(pool), {input}, {output});
  finish(to, node, output, needs_view);
}

void lower_max_pool(Lowering& to, const Node& node) {
  const int input = to.tensor(node.inputs[0]);
  format::MaxPoolT pool;
  pool.global = is_global(node);
  if (!pool.global) {
    pool.kernel = two(node.get_ints("kernel_shape"), 1);
    pool.stride = two(node.get_ints("strides"), 1);
    pool.dilation = two(node.get_ints("dilations"), 1);
    pool.pads = four_pads(node.get_ints("pads"));
    pool.ceil_mode = node.get_int("ceil_mode", 0) != 0;
  }
  bool needs_view = false;
  const int output = pooled_tensor(to, node, 1, &needs_view);
  to.add(node.name, std::move(pool), {input}, {output});
  finish(to, node, output, needs_view);
}

}  // namespace weq::convert
