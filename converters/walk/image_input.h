// A network that reads images takes their bytes as they are (quantization.md, section 5): the
// normalisation moves into the weights, the mean into the bias computed with quantized weights.
#pragma once

#include <vector>

#include "converters/ir/graph.h"
#include "weq/weq.hpp"

namespace weq::convert {

struct ImageInput {
  bool active = false;
  std::vector<double> mean_pixel;  // m_c = mean_c / scale: the pixel that normalises to 0
  std::vector<double> per_unit;    // std_c / scale: pixels per unit of the normalised input
};

// Where every reader of the only input is a convolution, rescales those weights so that the graph
// takes centred pixels p - m_c instead of normalised values. Inactive (graph untouched) otherwise.
ImageInput fold_image_input(Graph& graph, const Preprocess& preprocess);

// Normalised input tensor [1, c, h, w] -> centred pixels, in place.
void centre_pixels(const ImageInput& image, Tensor* tensor);

}  // namespace weq::convert
