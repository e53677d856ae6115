#include "converters/walk/image_input.h"

namespace weq::convert {
namespace {

// The entry for channel c of a per-channel list that may hold one value for all.
double entry(const std::vector<float>& list, size_t c, double fallback) {
  if (list.empty()) return fallback;
  return static_cast<double>(list.size() == 1 ? list[0] : list[c]);
}

}  // namespace

ImageInput fold_image_input(Graph& graph, const Preprocess& preprocess) {
  ImageInput image;
  if (graph.inputs.size() != 1) return image;
  const ValueId input = graph.inputs[0];
  const Shape& shape = graph.value(input).shape;
  if (shape.size() != 4 || graph.is_output(input) || !(preprocess.scale > 0)) return image;
  const size_t channels = static_cast<size_t>(shape[1]);
  const std::vector<int> readers = graph.consumers(input);
  if (readers.empty()) return image;
  for (int reader : readers) {
    const Node& node = graph.nodes[static_cast<size_t>(reader)];
    const bool reads_as_data = node.op == "Conv" && node.inputs[0] == input &&
                               graph.constant(node.inputs[1]) &&
                               node.get_int("residual_input", -1) < 0;
    if (!reads_as_data) return image;
  }
  for (const auto* list : {&preprocess.mean, &preprocess.std}) {
    if (list->size() > 1 && list->size() != channels) {
      throw ConvertError("input " + graph.value(input).name + " has " + std::to_string(channels) +
                         " channels, but preprocessing gives " + std::to_string(list->size()) +
                         " means or deviations; give one, or one per channel");
    }
  }

  for (size_t c = 0; c < channels; ++c) {
    image.mean_pixel.push_back(entry(preprocess.mean, c, 0.0) / preprocess.scale);
    image.per_unit.push_back(entry(preprocess.std, c, 1.0) / preprocess.scale);
  }
  for (int reader : readers) {
    Node& node = graph.nodes[static_cast<size_t>(reader)];
    auto weights = std::make_shared<Tensor>(*graph.constant(node.inputs[1]));
    const size_t out = static_cast<size_t>(weights->shape[0]);
    const size_t in = static_cast<size_t>(weights->shape[1]);
    const size_t area = weights->f.size() / (out * in);
    const size_t groups = static_cast<size_t>(node.get_int("group", 1));
    for (size_t o = 0; o < out; ++o) {
      for (size_t i = 0; i < in; ++i) {
        const size_t c = o / (out / groups) * in + i;
        for (size_t k = 0; k < area; ++k) {
          float& w = weights->f[(o * in + i) * area + k];
          w = static_cast<float>(w / image.per_unit[c]);
        }
      }
    }
    Value value = graph.value(node.inputs[1]);
    value.constant = weights;
    value.name += "/per_pixel";
    node.inputs[1] = graph.add_value(value);
  }
  image.active = true;
  return image;
}

void centre_pixels(const ImageInput& image, Tensor* tensor) {
  const size_t channels = image.per_unit.size();
  const size_t area = tensor->f.size() / channels;
  for (size_t c = 0; c < channels; ++c) {
    for (size_t i = 0; i < area; ++i) {
      float& x = tensor->f[c * area + i];
      x = static_cast<float>(x * image.per_unit[c]);
    }
  }
}

}  // namespace weq::convert
