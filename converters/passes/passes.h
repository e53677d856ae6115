// Graph rewrites, each in a file of its own and tested alone. All keep the function computed (up to
// float rounding) and the topological order; each returns how many places it changed.
#pragma once

#include "converters/ir/graph.h"

namespace weq::convert {

int fold_constants(Graph& graph);    // nodes whose inputs are all constant
int remove_dead_code(Graph& graph);  // nodes and values that no output needs; Identity, Dropout
int fold_batchnorm(Graph& graph);    // into the convolution or product before it
int fold_pad(Graph& graph);          // zero Pad into the convolution or average after it
int fuse_bias(Graph& graph);         // Add/Mul of a per-channel constant into the producer
int matmul_to_conv(
    Graph& graph);  // Gemm, MatMul by a constant -> Conv 1x1 (with Reshape, Transpose)
int scale_to_conv(Graph& graph);    // lone BatchNormalization, Mul/Add by a channel constant ->
                                    // depthwise 1x1 Conv
int split_to_slices(Graph& graph);  // Split -> Slice each
int lower_reshapes(Graph& graph);   // Flatten, Squeeze, Unsqueeze -> Reshape; DepthToSpace ->
                                    // Reshape, Transpose, Reshape
int lower_variadic(Graph& graph);   // Sum, Min, Max of n -> chains of two; Sub, Neg by constants
int lower_conv_transpose(Graph& graph);  // ConvTranspose -> Dilate (internal op), Pad, Conv
int fuse_activation(Graph& graph);  // monotone unary after Conv, Add, average -> "activation" of it
int fuse_residual(Graph& graph);    // Add of a Conv's only use and another tensor -> Conv with a
                                    // residual input (attribute "residual_input" = its index)

// The order in which a float graph becomes the graph that is quantized. Float results stay the
// same.
void prepare_for_quantization(Graph& graph);
// The part of it that also speeds up the float path: constants, dead code, batch-norm, pads, bias.
void simplify(Graph& graph);

}  // namespace weq::convert
