#include <algorithm>

#include "converters/passes/affine.h"
#include "converters/passes/rewrite.h"

namespace weq::convert {
namespace {

// Where the output channel of each weight is: weights as [outer, channels, inner], the channels of
// one outer block beginning at outer_step * (outer / outer_repeat).
struct WeightLayout {
  size_t outer, channels, inner;
  size_t outer_repeat, outer_step;
};

std::optional<WeightLayout> weight_layout(const Node& node, const Shape& w) {
  const auto inner_from = [&](size_t axis) {
    int64_t count = 1;
    for (size_t i = axis; i < w.size(); ++i) count *= w[i];
    return static_cast<size_t>(count);
  };
  if (w.size() < 2) return std::nullopt;
  const auto first = static_cast<size_t>(w[0]), second = static_cast<size_t>(w[1]);
  if (node.op == "Conv") return WeightLayout{1, first, inner_from(1), 1, 0};
  if (node.op == "ConvTranspose") {
    const auto groups = static_cast<size_t>(node.get_int("group", 1));
    if (groups == 0 || first % groups != 0) return std::nullopt;
    return WeightLayout{first, second, inner_from(2), std::max<size_t>(first / groups, 1), second};
  }
  if (w.size() != 2) return std::nullopt;
  if (node.op == "Gemm" && node.get_int("transB", 0) != 0)
    return WeightLayout{1, first, second, 1, 0};
  if (node.op == "Gemm" || node.op == "MatMul") return WeightLayout{first, second, 1, 1, 0};
  return std::nullopt;
}

std::vector<float> scaled(const Tensor& weights, const WeightLayout& layout,
                          const std::vector<float>& scale) {
  std::vector<float> result(weights.f.size());
  size_t at = 0;
  for (size_t o = 0; o < layout.outer; ++o)
    for (size_t c = 0; c < layout.channels; ++c) {
      const float factor = scale[o / layout.outer_repeat * layout.outer_step + c];
      for (size_t i = 0; i < layout.inner; ++i, ++at) result[at] = weights.f[at] * factor;
    }
  return result;
}

bool all_zero(const std::vector<float>& data) {
  return std::all_of(data.begin(), data.end(), [](float value) { return value == 0; });
}

}  // namespace

bool absorb(Graph& graph, Node& node, const Affine& affine) {
  if (node.has("activation") || node.has("residual_input") || node.inputs.size() < 2) return false;
  const Tensor* weights = float_constant(graph, node.inputs[1]);
  if (weights == nullptr) return false;
  const std::optional<WeightLayout> layout = weight_layout(node, weights->shape);
  const Shape& output = graph.value(node.outputs[0]).shape;
  if (!layout || output.size() < 2) return false;
  const bool matrix = node.op == "MatMul";
  if (matrix && graph.value(node.inputs[0]).shape.size() != 2) return false;

  const size_t channels = affine.scale.size();
  if (static_cast<size_t>(output[1]) != channels) return false;
  std::vector<float> bias(channels, 0.0F);
  const bool has_bias = node.inputs.size() > 2 && node.inputs[2] != kNoValue;
  if (has_bias) {
    const Tensor* constant = float_constant(graph, node.inputs[2]);
    if (constant == nullptr) return false;
    if (node.op == "Gemm") {
      std::optional<std::vector<float>> numbers = per_channel(*constant, output);
      if (!numbers) return false;
      bias = *numbers;
      for (float& value : bias) value *= node.get_float("beta", 1.0F);
    } else {
      bias = constant->f;
    }
  }
  for (size_t c = 0; c < channels; ++c) bias[c] = bias[c] * affine.scale[c] + affine.shift[c];

  const Shape shape = weights->shape;
  std::vector<float> data = scaled(*weights, *layout, affine.scale);
  node.inputs[1] =
      add_constant(graph, graph.value(node.inputs[1]).name + "/scaled", shape, std::move(data));
  if (!has_bias && all_zero(affine.shift)) return true;
  node.inputs.resize(3, kNoValue);
  node.inputs[2] = add_constant(graph, node.name + "/bias", {static_cast<int64_t>(channels)}, bias);
  if (matrix) {
    node.op = "Gemm";
    node.attributes["alpha"] = 1.0F;
    node.attributes["transA"] = int64_t{0};
    node.attributes["transB"] = int64_t{0};
  }
  if (node.op == "Gemm") node.attributes["beta"] = 1.0F;
  return true;
}

int absorb_all(Graph& graph, bool (*taken)(const Node&)) {
  int count = 0;
  std::vector<bool> erased(graph.nodes.size(), false);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    if (!taken(node)) continue;
    const std::optional<Affine> affine = as_affine(graph, node);
    if (!affine || !has_single_use(graph, affine->input)) continue;
    const int producer = graph.producer(affine->input);
    if (producer < 0) continue;
    const Value& before = graph.value(affine->input);
    const Value& after = graph.value(node.outputs[0]);
    if (before.shape != after.shape) continue;
    Node& layer = graph.nodes[static_cast<size_t>(producer)];
    if (!absorb(graph, layer, *affine)) continue;
    layer.outputs[0] = node.outputs[0];
    graph.nodes[n].outputs.clear();
    erased[n] = true;
    ++count;
  }
  erase_nodes(graph, erased);
  return count;
}

}  // namespace weq::convert
