// Resize and Upsample (which becomes a Resize), nearest and linear. Canonical attributes, of full
// rank: sizes (0 copies the input's axis) or scales; mode (nearest, linear),
// coordinate_transformation_mode, nearest_mode; roi and extrapolation_value of tf_crop_and_resize.
// Opset 10 and Upsample mean asymmetric coordinates and floor. Opset 18 added axes, which are
// expanded here, and aspect ratio policies, which become sizes and `uniform_scale`.
#include "converters/ops/resize.h"

#include <cmath>

#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"

namespace weq::convert {
namespace {

void default_string(Node& node, const std::string& key, const std::string& value) {
  if (!node.has(key)) node.attributes[key] = value;
}

void erase_if_empty(Node& node, const std::string& key) {
  if (node.has(key) && node.get_floats(key).empty()) node.attributes.erase(key);
}

void normalize(Graph& graph, Node& node) {
  const bool old = graph.opset < 11 || node.op == "Upsample";
  if (old) {
    take_floats(graph, node, 1, "scales");
  } else {
    take_ints(graph, node, 3, "sizes");
    take_floats(graph, node, 2, "scales");
    take_floats(graph, node, 1, "roi");
  }
  node.op = "Resize";
  erase_if_empty(node, "scales");
  erase_if_empty(node, "roi");
  if (node.has("sizes") && node.get_ints("sizes").empty()) node.attributes.erase("sizes");
  default_string(node, "mode", "nearest");
  // Upsample of opsets 7 and 9 knew "bilinear" as a synonym.
  if (node.get_string("mode", "") == "bilinear") node.attributes["mode"] = std::string("linear");
  default_string(node, "coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
  default_string(node, "nearest_mode", old ? "floor" : "round_prefer_floor");
}

std::string check(const Graph& graph, const Node& node) {
  const std::string mode = node.get_string("mode", "nearest");
  if (mode != "nearest" && mode != "linear") {
    return "Resize mode " + mode + " is not supported; use nearest or linear";
  }
  if (node.get_int("antialias", 0) != 0) {
    return "Resize with antialias is not supported; use average pooling or antialias=0";
  }
  if (node.get_int("exclude_outside", 0) != 0) {
    return "Resize with exclude_outside is not supported; use exclude_outside=0";
  }
  const std::string coordinates = node.get_string("coordinate_transformation_mode", "half_pixel");
  bool known = false;
  for (const char* name :
       {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
        "tf_half_pixel_for_nn", "tf_crop_and_resize"}) {
    known = known || coordinates == name;
  }
  if (!known) return "coordinate mode " + coordinates + " is unknown; use half_pixel";
  const std::string inputs = arity(graph, node, 1, 4);
  if (!inputs.empty()) return inputs;
  for (size_t i = 1; i < 4; ++i) {
    if (has_input(node, i)) return computed(node, i, "scales, sizes or roi");
  }
  if (node.has("sizes") == node.has("scales")) {
    return "Resize needs either scales or sizes; export the model again";
  }
  return "";
}

// Numbers per named axis -> numbers per axis of the tensor.
template <class T>
std::vector<T> expand(const Node& node, const std::vector<int64_t>& axes, std::vector<T> values,
                      size_t rank, T fill) {
  if (axes.empty() || values.empty()) return values;
  if (values.size() != axes.size()) fail(node, "axes and sizes of Resize differ in length");
  std::vector<T> full(rank, fill);
  for (size_t i = 0; i < axes.size(); ++i) full[resolve_axis(node, axes[i], rank)] = values[i];
  return full;
}

void expand_axes(Node& node, size_t rank) {
  const auto axes = node.get_ints("axes");
  if (axes.empty()) return;
  if (node.has("sizes")) {
    node.attributes["sizes"] = expand<int64_t>(node, axes, node.get_ints("sizes"), rank, 0);
  }
  if (node.has("scales")) {
    node.attributes["scales"] = expand<float>(node, axes, node.get_floats("scales"), rank, 1.0f);
  }
  const auto roi = node.get_floats("roi");
  if (roi.size() == 2 * axes.size()) {
    const auto half = roi.begin() + static_cast<int64_t>(axes.size());
    auto begins = expand<float>(node, axes, {roi.begin(), half}, rank, 0.0f);
    const auto ends = expand<float>(node, axes, {half, roi.end()}, rank, 1.0f);
    begins.insert(begins.end(), ends.begin(), ends.end());
    node.attributes["roi"] = std::move(begins);
  }
  node.attributes.erase("axes");
}

// Of the axes named (size not 0), the one that bounds decides the scale of all.
void apply_policy(Node& node, const Shape& x) {
  const std::string policy = node.get_string("keep_aspect_ratio_policy", "stretch");
  node.attributes.erase("keep_aspect_ratio_policy");
  if (policy == "stretch" || !node.has("sizes")) return;
  auto sizes = node.get_ints("sizes");
  float scale = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    if (sizes[i] == 0) continue;
    const float own = static_cast<float>(sizes[i]) / static_cast<float>(x[i]);
    const bool better = policy == "not_larger" ? own < scale : own > scale;
    if (scale == 0 || better) scale = own;
  }
  for (size_t i = 0; i < x.size(); ++i) {
    if (sizes[i] == 0) continue;
    sizes[i] = static_cast<int64_t>(std::floor(scale * static_cast<float>(x[i]) + 0.5f));
  }
  node.attributes["sizes"] = std::move(sizes);
  node.attributes["uniform_scale"] = scale;
}

void infer(Graph& graph, Node& node) {
  const Shape& x = float_input(graph, node, 0);
  require(node, check(graph, node));
  expand_axes(node, x.size());
  Shape y = x;
  auto sizes = node.get_ints("sizes");
  const auto scales = node.get_floats("scales");
  if ((sizes.empty() ? scales.size() : sizes.size()) != x.size()) {
    fail(node, "Resize needs one scale or size per axis of " + to_string(x));
  }
  if (!sizes.empty()) {
    apply_policy(node, x);
    sizes = node.get_ints("sizes");
    for (size_t i = 0; i < x.size(); ++i) {
      // Batch and channels that stay are copied, so that the batch remains free.
      if (i < 2 && sizes[i] == x[i]) sizes[i] = 0;
      if (sizes[i] != 0) y[i] = sizes[i];
    }
    node.attributes["sizes"] = std::move(sizes);
  } else {
    for (size_t i = 0; i < x.size(); ++i) {
      const float size = std::floor(static_cast<float>(x[i]) * scales[i]);
      if (!(size >= 1) || size > 1e6f) fail(node, "a scale of Resize is out of range");
      y[i] = static_cast<int64_t>(size);
    }
  }
  const bool crops = node.get_string("coordinate_transformation_mode", "") == "tf_crop_and_resize";
  if (crops && node.get_floats("roi").size() != 2 * x.size()) {
    fail(node, "tf_crop_and_resize needs a constant roi of the input's rank");
  }
  for (const int64_t size : y) {
    if (size < 1 || size > 1000000) fail(node, "a size of Resize is out of range");
  }
  set_output(graph, node, 0, std::move(y));
}

ResizeAxis axis_of(const Node& node, const Shape& x, const Shape& y, size_t i) {
  ResizeAxis axis;
  axis.size = x[i];
  axis.output = y[i];
  const auto scales = node.get_floats("scales");
  axis.scale = scales.empty() ? static_cast<float>(y[i]) / static_cast<float>(x[i]) : scales[i];
  if (scales.empty() && node.get_ints("sizes")[i] != 0) {
    axis.scale = node.get_float("uniform_scale", axis.scale);
  }
  const auto roi = node.get_floats("roi");
  if (roi.size() == 2 * x.size()) {
    axis.roi_begin = roi[i];
    axis.roi_end = roi[i + x.size()];
  }
  return axis;
}

// One axis after the other, the last one first.
void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Shape& in = inputs[0]->shape;
  const Shape& out = outputs[0]->shape;
  const std::string coordinates = node.get_string("coordinate_transformation_mode", "half_pixel");
  const bool crops = coordinates == "tf_crop_and_resize";
  const float beyond = node.get_float("extrapolation_value", 0.0f);
  std::vector<float> from = inputs[0]->f;
  Shape shape = in;
  for (size_t i = in.size(); i-- > 0;) {
    const ResizeAxis axis = axis_of(node, in, out, i);
    if (axis.size == axis.output && axis.scale == 1.0f && !crops) continue;
    const auto samples = resize_samples(axis, node.get_string("mode", "nearest") == "linear",
                                        coordinates, node.get_string("nearest_mode", ""));
    const int64_t outer = product(shape, 0, i);
    const int64_t inner = product(shape, i + 1, shape.size());
    std::vector<float> to(static_cast<size_t>(outer * axis.output * inner));
    float* y = to.data();
    for (int64_t o = 0; o < outer; ++o) {
      const float* x = from.data() + o * axis.size * inner;
      for (const Sample& s : samples) {
        const float* low = x + s.low * inner;
        const float* high = x + s.high * inner;
        for (int64_t k = 0; k < inner; ++k) {
          const float mixed =
              s.weight == 0 ? low[k] : (1.0f - s.weight) * low[k] + s.weight * high[k];
          *y++ = s.outside ? beyond : mixed;
        }
      }
    }
    from = std::move(to);
    shape[i] = axis.output;
  }
  outputs[0]->f = std::move(from);
}

std::string float_only(const Graph& graph, const Node& node) {
  const std::string coordinates = node.get_string("coordinate_transformation_mode", "half_pixel");
  if (coordinates == "tf_crop_and_resize" || coordinates == "tf_half_pixel_for_nn" ||
      coordinates == "half_pixel_symmetric") {
    return "Resize with " + coordinates;
  }
  if (node.has("uniform_scale")) return "Resize that keeps the aspect ratio";
  const Shape& x = input_shape(graph, node, 0);
  const auto scales = node.get_floats("scales");
  const auto sizes = node.get_ints("sizes");
  bool image = x.size() == 4;
  for (size_t i = 0; image && i < 2; ++i) {
    image = (scales.empty() || scales[i] == 1.0f) &&
            (sizes.empty() || sizes[i] == 0 || sizes[i] == x[i]);
  }
  if (!image) return "Resize of axes other than height and width";
  for (size_t i = 0; coordinates == "align_corners" && i < scales.size(); ++i) {
    const float size = static_cast<float>(x[i]) * scales[i];
    if (size != std::floor(size)) return "Resize with align_corners to a fractional size";
  }
  return "";
}

}  // namespace

const OpDef kOpResize = {"Resize", normalize, check, infer, run, float_only};
const OpDef kOpUpsample = {"Upsample", normalize, check, infer, run, float_only};

}  // namespace weq::convert
