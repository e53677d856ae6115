// Operators that move stored bytes: concat, slice, transpose, reshape, pad, dilate, gather, expand.
#include <algorithm>
#include <climits>

#include "converters/lower/list.h"

namespace weq::convert {
namespace {

int clamp_index(int64_t v) { return static_cast<int>(std::clamp<int64_t>(v, INT_MIN, INT_MAX)); }

size_t rank_of(Lowering& to, ValueId id) { return to.graph().value(id).shape.size(); }

// The byte that reads as `value` in the code of the tensor.
uint8_t fill_byte(Lowering& to, int tensor, double value) {
  return byte_of_value(to.code(tensor), value);
}

// Physical axes in the order of the logical ones, and back.
std::vector<uint8_t> logical_order(size_t rank) {
  std::vector<uint8_t> axes;
  for (size_t a = 0; a < rank; ++a) {
    axes.push_back(static_cast<uint8_t>(physical_axis(static_cast<int64_t>(a), rank)));
  }
  return axes;
}
std::vector<uint8_t> physical_order(size_t rank) {
  std::vector<uint8_t> axes(rank);
  for (size_t a = 0; a < rank; ++a) {
    axes[static_cast<size_t>(physical_axis(static_cast<int64_t>(a), rank))] =
        static_cast<uint8_t>(a);
  }
  return axes;
}

// Stored order and logical order are the same bytes when at most one of channels and the rest of
// the positions is longer than 1.
bool orders_agree(const Shape& shape) {
  if (shape.size() < 3) return true;
  int64_t area = 1;
  for (size_t a = 2; a < shape.size(); ++a) area *= shape[a];
  return shape[1] == 1 || area == 1;
}

std::vector<int> to_ints(const Shape& shape) {
  return std::vector<int>(shape.begin(), shape.end());
}

}  // namespace

void lower_concat(Lowering& to, const Node& node) {
  const size_t rank = rank_of(to, node.outputs[0]);
  int64_t axis = node.get_int("axis", 1);
  if (axis < 0) axis += static_cast<int64_t>(rank);
  format::ConcatT concat;
  concat.axis = static_cast<uint8_t>(physical_axis(axis, rank));
  std::vector<int> inputs;
  for (ValueId id : node.inputs) inputs.push_back(to.tensor(id));
  to.add(node.name, std::move(concat), inputs, {to.define(node.outputs[0])});
}

void lower_slice(Lowering& to, const Node& node) {
  const size_t rank = rank_of(to, node.inputs[0]);
  const auto starts = node.get_ints("starts"), ends = node.get_ints("ends");
  const auto axes = node.get_ints("axes");
  const auto steps = node.get_ints("steps", std::vector<int64_t>(axes.size(), 1));
  format::SliceT slice;
  slice.starts.assign(rank, 0);
  slice.ends.assign(rank, INT_MAX);
  slice.steps.assign(rank, 1);
  for (size_t i = 0; i < axes.size(); ++i) {
    const size_t a = static_cast<size_t>(physical_axis(axes[i], rank));
    slice.starts[a] = clamp_index(starts[i]);
    slice.ends[a] = clamp_index(ends[i]);
    slice.steps[a] = clamp_index(steps[i]);
  }
  to.add(node.name, std::move(slice), {to.tensor(node.inputs[0])}, {to.define(node.outputs[0])});
}

void lower_transpose(Lowering& to, const Node& node) {
  const size_t rank = rank_of(to, node.inputs[0]);
  std::vector<int64_t> perm = node.get_ints("perm");
  if (perm.empty()) {
    for (size_t a = rank; a-- > 0;) perm.push_back(static_cast<int64_t>(a));
  }
  format::TransposeT transpose;
  transpose.axes.resize(rank);
  for (size_t a = 0; a < rank; ++a) {
    transpose.axes[static_cast<size_t>(physical_axis(static_cast<int64_t>(a), rank))] =
        static_cast<uint8_t>(physical_axis(perm[a], rank));
  }
  const int input = to.tensor(node.inputs[0]);
  const float unit = static_cast<float>(to.unit(input));
  to.add(node.name, std::move(transpose), {input}, {to.define(node.outputs[0], unit)});
}

// ONNX reshapes the logical order of elements; the file reshapes the stored order. Where the two
// differ, a transpose on either side makes up for it.
void lower_reshape(Lowering& to, const Node& node) {
  const Shape& from = to.graph().value(node.inputs[0]).shape;
  const Shape& shape = to.graph().value(node.outputs[0]).shape;
  int tensor = to.tensor(node.inputs[0]);
  const float unit = static_cast<float>(to.unit(tensor));
  const int result = to.define(node.outputs[0], unit);
  const bool before = !orders_agree(from), after = !orders_agree(shape);
  if (before) {
    const int logical = to.intermediate(node.name + "/logical", to_ints(from), tensor);
    format::TransposeT transpose;
    transpose.axes = logical_order(from.size());
    to.add(node.name + "/to_logical", std::move(transpose), {tensor}, {logical});
    tensor = logical;
  }
  format::ReshapeT reshape;
  reshape.shape = after ? to_ints(shape) : to_physical(shape);
  if (to.graph().value(node.outputs[0]).batched && !reshape.shape.empty()) reshape.shape[0] = -1;
  // A flattened image fixes the image size: whatever reads it has one weight per position.
  reshape.fixed_size = from.size() > 2 && shape.size() <= 2 && element_count(from) != from[1];
  const int reshaped =
      after ? to.intermediate(node.name + "/reshaped", to_ints(shape), tensor) : result;
  to.add(node.name, std::move(reshape), {tensor}, {reshaped});
  if (after) {
    format::TransposeT transpose;
    transpose.axes = physical_order(shape.size());
    to.add(node.name + "/to_stored", std::move(transpose), {reshaped}, {result});
  }
}

void lower_pad(Lowering& to, const Node& node) {
  const size_t rank = rank_of(to, node.inputs[0]);
  const auto pads = node.get_ints("pads");
  const std::string mode = node.get_string("mode", "constant");
  const int input = to.tensor(node.inputs[0]);
  format::PadT pad;
  pad.before = to_physical(Shape(pads.begin(), pads.begin() + static_cast<long>(rank)));
  pad.after = to_physical(Shape(pads.begin() + static_cast<long>(rank), pads.end()));
  pad.mode = mode == "reflect" ? format::PadMode::Reflect
             : mode == "edge"  ? format::PadMode::Edge
                               : format::PadMode::Constant;
  pad.byte = fill_byte(to, input, static_cast<double>(node.get_float("value", 0)));
  const auto negative = [](int v) { return v < 0; };
  if (std::any_of(pad.before.begin(), pad.before.end(), negative) ||
      std::any_of(pad.after.begin(), pad.after.end(), negative)) {
    throw ConvertError("layer " + node.name + ": negative pads; use Slice in the model instead");
  }
  to.add(node.name, std::move(pad), {input}, {to.define(node.outputs[0])});
}

void lower_dilate(Lowering& to, const Node& node) {
  const size_t rank = rank_of(to, node.inputs[0]);
  const int input = to.tensor(node.inputs[0]);
  Shape factors(2, 1);  // batch, channels
  for (int64_t f : node.get_ints("factors")) factors.push_back(f);
  factors.resize(rank, 1);
  format::DilateT dilate;
  for (int f : to_physical(factors)) dilate.factors.push_back(static_cast<uint16_t>(f));
  dilate.byte = fill_byte(to, input, 0.0);
  to.add(node.name, std::move(dilate), {input}, {to.define(node.outputs[0])});
}

void lower_gather(Lowering& to, const Node& node) {
  const size_t rank = rank_of(to, node.inputs[0]);
  const Tensor* indices = to.graph().constant(node.inputs[1]);
  if (!indices || indices->shape.size() > 1) {
    throw ConvertError("layer " + node.name +
                       ": Gather runs quantized with constant indices of rank 0 or 1 only; keep "
                       "it in float with --allow-float");
  }
  int64_t axis = node.get_int("axis", 0);
  if (axis < 0) axis += static_cast<int64_t>(rank);
  const size_t out_rank = rank_of(to, node.outputs[0]);
  const int input = to.tensor(node.inputs[0]);
  format::GatherT gather;
  gather.axis = static_cast<uint8_t>(physical_axis(axis, rank));
  for (int64_t i : indices->i) gather.indices.push_back(clamp_index(i));
  gather.rank = 1;
  if (out_rank == rank) {
    to.add(node.name, std::move(gather), {input}, {to.define(node.outputs[0])});
    return;
  }
  // A scalar index drops its axis: gather one, then a view in logical order.
  Shape kept = to.graph().value(node.inputs[0]).shape;
  kept[static_cast<size_t>(axis)] = 1;
  const int one = to.intermediate(node.name + "/kept", to_physical(kept), input);
  to.add(node.name + "/take", std::move(gather), {input}, {one});
  const int logical = to.intermediate(node.name + "/logical", to_ints(kept), input);
  format::TransposeT transpose;
  transpose.axes = logical_order(rank);
  to.add(node.name + "/to_logical", std::move(transpose), {one}, {logical});
  const Shape& shape = to.graph().value(node.outputs[0]).shape;
  const int dropped = to.intermediate(node.name + "/dropped", to_ints(shape), input);
  format::ReshapeT reshape;
  reshape.shape = to_ints(shape);
  if (to.graph().value(node.outputs[0]).batched && !reshape.shape.empty()) reshape.shape[0] = -1;
  to.add(node.name, std::move(reshape), {logical}, {dropped});
  format::TransposeT back;
  back.axes = physical_order(out_rank);
  to.add(node.name + "/to_stored", std::move(back), {dropped}, {to.define(node.outputs[0])});
}

void lower_expand(Lowering& to, const Node& node) {
  const size_t rank = rank_of(to, node.outputs[0]);
  if (rank_of(to, node.inputs[0]) != rank) {
    throw ConvertError("layer " + node.name +
                       ": Expand to a higher rank; reshape to the full rank in the model first");
  }
  format::ExpandT expand;
  expand.shape = to_physical(to.graph().value(node.outputs[0]).shape);
  if (to.graph().value(node.inputs[0]).batched) expand.shape[0] = 1;
  to.add(node.name, std::move(expand), {to.tensor(node.inputs[0])}, {to.define(node.outputs[0])});
}

}  // namespace weq::convert
