// Layer shapes from text files: one a line, "name: c h w k kh kw stride pad groups" with square
// kernels; # begins a comment.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weq::bench {

struct LayerShape {
  std::string name;
  int64_t inputs = 1, height = 1, width = 1, outputs = 1;
  int64_t kernel = 1, stride = 1, pad = 0, groups = 1;
};

// Throws ConvertError naming file and line.
std::vector<LayerShape> read_layers(const std::string& path);

// The layer in a small network, as ONNX, weights drawn as the networks' are: behind a ReLU, so that
// it reads activations of the bits asked (image channels it reads as they are), and before
// something small that reads bytes.
std::string layer_network(const LayerShape& shape);
// The same without the ReLU, for the other side.
std::string bare_layer(const LayerShape& shape);

}  // namespace weq::bench
