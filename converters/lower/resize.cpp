// Resize and Upsample over height and width, nearest (bytes move) or linear (weighted sums).
#include <algorithm>

#include "converters/lower/list.h"

namespace weq::convert {
namespace {

constexpr int64_t kLinearSum = 65536;  // 256 per axis

template <class Table>
void set_extent(Lowering& to, const Node& node, Table* table) {
  const Shape& in = to.graph().value(node.inputs[0]).shape;
  const Shape& out = to.graph().value(node.outputs[0]).shape;
  if (in.size() < 3 || in.size() > 4 || in[0] != out[0] || in[1] != out[1]) {
    throw ConvertError("layer " + node.name + ": " + node.op +
                       " runs quantized over height and width only; keep it in float with "
                       "--allow-float");
  }
  const std::vector<float> scales = node.get_floats("scales");
  const bool flat = in.size() == 3;
  if (!scales.empty()) {
    table->scales = {flat ? 1.0f : scales[2], scales.back()};
  } else {
    table->sizes = {flat ? 1 : static_cast<int>(out[2]), static_cast<int>(out.back())};
  }
  const std::string mode = node.get_string("coordinate_transformation_mode", "half_pixel");
  if (mode == "half_pixel") {
    table->coordinates = format::Coordinates::HalfPixel;
  } else if (mode == "asymmetric") {
    table->coordinates = format::Coordinates::Asymmetric;
  } else if (mode == "align_corners") {
    table->coordinates = format::Coordinates::AlignCorners;
  } else if (mode == "pytorch_half_pixel") {
    table->coordinates = format::Coordinates::HalfPixelOne;
  } else {
    throw ConvertError("layer " + node.name + ": coordinate_transformation_mode " + mode +
                       " does not run quantized; keep it in float with --allow-float");
  }
}

void lower_nearest(Lowering& to, const Node& node) {
  format::ResizeNearestT resize;
  set_extent(to, node, &resize);
  const std::string rounding = node.get_string("nearest_mode", "round_prefer_floor");
  resize.nearest = rounding == "round_prefer_ceil" ? format::Nearest::RoundPreferCeil
                   : rounding == "floor"           ? format::Nearest::Floor
                   : rounding == "ceil"            ? format::Nearest::Ceil
                                                   : format::Nearest::RoundPreferFloor;
  to.add(node.name, std::move(resize), {to.tensor(node.inputs[0])}, {to.define(node.outputs[0])});
}

void lower_linear(Lowering& to, const Node& node) {
  const int input = to.tensor(node.inputs[0]);
  const LevelRange range = to.level_range(input);
  format::ResizeLinearT resize;
  set_extent(to, node, &resize);
  const RequantizeFit fit =
      fit_scalar(to.unit(input) / kLinearSum, 0.0, std::min(0, range.low) * kLinearSum,
                 std::max(0, range.high) * kLinearSum, to.fit_outputs(node));
  Lowering::set_scalar(fit, &resize);
  to.add(node.name, std::move(resize), {input}, {to.define(node.outputs[0], fit.unit)});
}

}  // namespace

void lower_resize(Lowering& to, const Node& node) {
  if (node.get_string("mode", "nearest") == "nearest") {
    lower_nearest(to, node);
  } else {
    lower_linear(to, node);
  }
}

}  // namespace weq::convert
