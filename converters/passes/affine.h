// y = x * scale + shift per channel: what BatchNormalization, and Add, Sub, Mul, Div with a
// constant are, and what the weights of a linear layer can take in.
#pragma once

#include <optional>
#include <vector>

#include "converters/ir/graph.h"

namespace weq::convert {

// The constant as one number per channel (axis 1) of a tensor of `shape`, where broadcasting it
// means just that; a single number serves all channels.
std::optional<std::vector<float>> per_channel(const Tensor& constant, const Shape& shape);

struct Affine {
  ValueId input;
  std::vector<float> scale, shift;  // one per channel (axis 1 of the input)
};

// The node as an affine map of a float tensor of rank >= 2, unless it is something else or carries
// an activation.
std::optional<Affine> as_affine(const Graph& graph, const Node& node);

// Multiplies `node`'s output (Conv, ConvTranspose, Gemm, or MatMul of a matrix by a constant) by
// scale and adds shift, in its weights. False, and no change, where weights or bias are not
// constant or something comes after the sum. A MatMul that gets a bias becomes a Gemm.
bool absorb(Graph& graph, Node& node, const Affine& affine);

// Every affine node of operator types that `taken` accepts, alone behind a layer that absorbs it,
// goes into it. Returns how many.
int absorb_all(Graph& graph, bool (*taken)(const Node&));

}  // namespace weq::convert
