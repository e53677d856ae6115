#include "converters/quantize/layer_weights.h"

#include <algorithm>
#include <cmath>

#include "converters/quantize/integer_levels.h"

namespace weq::convert {
namespace {

// ONNX order [o, i, area] <-> canonical order [o, area, i].
struct Layout {
  size_t out, in, area;
  explicit Layout(const Shape& shape)
      : out(static_cast<size_t>(shape[0])),
        in(static_cast<size_t>(shape[1])),
        area(static_cast<size_t>(element_count(shape)) / std::max<size_t>(1, out * in)) {}
  size_t per_channel() const { return in * area; }
};

std::vector<float> to_canonical(const std::vector<float>& onnx, const Layout& layout) {
  std::vector<float> result(onnx.size());
  for (size_t o = 0; o < layout.out; ++o) {
    for (size_t k = 0; k < layout.area; ++k) {
      for (size_t i = 0; i < layout.in; ++i) {
        result[(o * layout.area + k) * layout.in + i] = onnx[(o * layout.in + i) * layout.area + k];
      }
    }
  }
  return result;
}

double root_mean_square(const float* values, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; ++i) sum += static_cast<double>(values[i]) * values[i];
  return count ? std::sqrt(sum / static_cast<double>(count)) : 0;
}

std::vector<double> initial_scales(const std::vector<float>& weights, const Layout& layout,
                                   bool per_channel) {
  const size_t n = layout.per_channel();
  std::vector<double> scales(layout.out, 1.0);
  if (!per_channel) {
    const double rms = root_mean_square(weights.data(), weights.size());
    std::fill(scales.begin(), scales.end(), rms > 0 ? rms : 1.0);
    return scales;
  }
  for (size_t o = 0; o < layout.out; ++o) {
    const double rms = root_mean_square(weights.data() + o * n, n);
    if (rms > 0) scales[o] = rms;
  }
  return scales;
}

std::vector<float> importance_of(const Layout& layout, int64_t groups,
                                 const std::vector<double>& mean_square) {
  std::vector<float> importance(layout.out * layout.per_channel());
  const size_t out_per_group = layout.out / static_cast<size_t>(groups);
  for (size_t o = 0; o < layout.out; ++o) {
    const double* of_group = mean_square.data() + o / out_per_group * layout.in;
    float* to = importance.data() + o * layout.per_channel();
    for (size_t k = 0; k < layout.area; ++k) {
      for (size_t i = 0; i < layout.in; ++i) *to++ = static_cast<float>(of_group[i]);
    }
  }
  return importance;
}

int bits_for(size_t levels) {
  int bits = 1;
  while ((size_t{1} << bits) < levels) ++bits;
  return bits;
}

}  // namespace

LayerWeights quantize_weights(const Tensor& weights, int64_t groups,
                              const std::vector<double>& mean_square,
                              const WeightOptions& options) {
  const Layout layout(weights.shape);
  const size_t n = layout.per_channel();
  const std::vector<float> raw = to_canonical(weights.f, layout);
  LayerWeights result;
  result.scales = initial_scales(raw, layout, options.channel_scale);

  std::vector<float> normal(raw.size());
  for (size_t o = 0; o < layout.out; ++o) {
    for (size_t i = 0; i < n; ++i) {
      normal[o * n + i] = static_cast<float>(raw[o * n + i] / result.scales[o]);
    }
  }
  const bool weighted = options.criterion == Criterion::kOutput && !mean_square.empty();
  std::vector<float> importance;
  if (weighted) importance = importance_of(layout, groups, mean_square);
  const float* weight_of = weighted ? importance.data() : nullptr;
  const Criterion criterion =
      options.criterion == Criterion::kOutput && !weighted ? Criterion::kMse : options.criterion;

  CodebookOptions codebook_options;
  codebook_options.levels = options.levels;
  codebook_options.scheme = options.scheme;
  codebook_options.search = options.search;
  codebook_options.criterion = criterion;
  codebook_options.paper = options.paper;
  Codebook codebook = cluster_weights(normal.data(), weight_of, normal.size(), codebook_options);
  if (codebook.zero_kept &&
      bits_for(codebook.levels.size()) > bits_for(static_cast<size_t>(options.levels))) {
    // Many exact zeros want an odd count; one level less keeps the bits that were asked for.
    codebook_options.levels = options.levels - 1;
    codebook = cluster_weights(normal.data(), weight_of, normal.size(), codebook_options);
    result.note = "one level less, to keep zero exact";
  }
  const IntegerCodebook integers = integer_codebook(normal.data(), weight_of, normal.size(),
                                                    codebook, criterion, options.max_level);
  result.levels = integers.levels;
  result.real_levels = codebook.levels;
  result.bits = bits_for(result.levels.size());
  result.codes.resize(raw.size());
  if (codebook.zero_kept) result.note = "one level more, to keep zero exact";

  const bool by_cluster = criterion == Criterion::kWeightedEntropy;
  for (size_t o = 0; o < layout.out; ++o) {
    const float* channel = raw.data() + o * n;
    uint8_t* codes = result.codes.data() + o * n;
    double& scale = result.scales[o];
    if (by_cluster) {
      for (size_t i = 0; i < n; ++i) {
        codes[i] =
            static_cast<uint8_t>(std::upper_bound(integers.boundaries.begin(),
                                                  integers.boundaries.end(), normal[o * n + i]) -
                                 integers.boundaries.begin());
      }
      scale *= integers.unit;
      continue;
    }
    scale *= integers.unit;
    if (options.channel_scale) {
      scale = search_channel_scale(channel, weighted ? weight_of + o * n : nullptr, n,
                                   result.levels, scale);
    }
    assign_nearest(channel, n, scale, result.levels, codes);
  }
  return result;
}

Tensor dequantize_weights(const LayerWeights& quantized, const Shape& shape) {
  const Layout layout(shape);
  Tensor tensor;
  tensor.shape = shape;
  tensor.f.resize(quantized.codes.size());
  for (size_t o = 0; o < layout.out; ++o) {
    for (size_t k = 0; k < layout.area; ++k) {
      for (size_t i = 0; i < layout.in; ++i) {
        const int level = quantized.levels[quantized.codes[(o * layout.area + k) * layout.in + i]];
        tensor.f[(o * layout.in + i) * layout.area + k] =
            static_cast<float>(quantized.scales[o] * level);
      }
    }
  }
  return tensor;
}

}  // namespace weq::convert
