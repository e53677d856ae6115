// The plan of the depthwise convolution (groups == in_c == out_c), shared by its instruction sets.
//
// Kernel rows are taken four at a time ("layers"; the last one is filled with zero weights), so
// that four input bytes of a channel above each other form a quad. A strip of output pixels of one
// row and one channel block is computed from the quads of its input columns: interleaved once into
// the workspace, used by kernel_w outputs each.
//
// A work item is a channel block and up to kDepthwiseTile pixels: several whole output rows when
// they are short, else a piece of one. Channels of a block past out_c have zero weights; the bytes
// read for them are neighbours or slack. Code bytes are refused.
#pragma once

#include "kernels/conv/border.h"
#include "kernels/conv/conv.h"

namespace weq::kernels {

inline constexpr int32_t kDepthwiseTile = 32;  // pixels

enum class DepthwiseLayout {
  kBytes,  // [block][layer][kernel column][channel][row of the layer]
  kWords,  // [block][layer][kernel column][row parity][channel][row / 2], 16-bit words
};

// Sums of one strip: `pixels` outputs of a row.
struct DepthwiseStrip {
  const uint8_t* input = nullptr;  // channel block of the first window's first byte
  ptrdiff_t row_step = 0;          // bytes between kernel rows
  ptrdiff_t column = 0;            // bytes between input columns
  int32_t kernel_h = 1, kernel_w = 1, stride_w = 1, dilation_w = 1;
  int32_t pixels = 0, columns = 0;  // columns: input columns that the strip touches
  int32_t channels = 0;             // that exist, of the block
  const int8_t* weights = nullptr;
  const int32_t* start = nullptr;
  uint8_t* quads = nullptr;  // [layer][column][block][4]
  int32_t* acc = nullptr;    // [pixel][block]
};
using DepthwiseFn = void (*)(const DepthwiseStrip& strip);

inline int32_t depthwise_layers(int32_t kernel_h) { return (kernel_h + 3) / 4; }

const char* depthwise_refuse(const ConvProblem& problem);
// `block`: channels of a block, a multiple of 16.
size_t depthwise_packed_bytes(const ConvProblem& problem, int32_t block, DepthwiseLayout layout);
void depthwise_pack(const ConvProblem& problem, int32_t block, DepthwiseLayout layout,
                    void* packed);
int64_t depthwise_items(const ConvProblem& problem, int32_t block);
size_t depthwise_workspace_bytes(const ConvProblem& problem, int32_t block);
void depthwise_run(const ConvCall& call, int32_t block, DepthwiseLayout layout, int64_t begin,
                   int64_t end, void* workspace, DepthwiseFn sum);

// Estimated cycles, from the cost of one quad column and of one quad of a pixel, both for a block.
double depthwise_cost(const ConvProblem& problem, int32_t block, double per_column, double per_quad,
                      double per_output);

}  // namespace weq::kernels
