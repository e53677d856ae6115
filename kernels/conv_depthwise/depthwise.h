// The plan of the depthwise convolution (groups == in_c == out_c), shared by its instruction sets.
//
// Input rows are taken four at a time ("layers"), so that four bytes of a channel above each other
// form a quad; a strip is a run of output pixels of a row and one channel block, computed from the
// quads of its input columns, which are interleaved once into the workspace. With vertical stride s
// and no dilation, L layers hold all rows of (4 L - kernel_h) / s + 1 output rows: as many strips
// ("shifts") share the quads, each with the weights moved down by its rows and zeros around them.
//
// A work item is a channel block and up to 64 pixels: whole output rows when they are short, else
// pieces of one group of shifts. Channels of a block past out_c have zero weights; the bytes read
// for them are neighbours or slack. Code bytes are refused.
#pragma once

#include "kernels/conv/border.h"
#include "kernels/conv/conv.h"

namespace weq::kernels {

enum class DepthwiseLayout {
  kBytes,  // [block][shift][layer][kernel column][channel][row of the layer]
  kWords,  // [block][shift][layer][kernel column][row parity][channel][row / 2], 16 bits
};

// Sums of up to `shifts` strips that share their quads.
struct DepthwiseStrips {
  const uint8_t* input = nullptr;  // channel block of the first window's first byte
  ptrdiff_t row_step = 0;          // bytes between kernel rows
  ptrdiff_t column = 0;            // bytes between input columns
  int32_t rows = 1, layers = 1;    // rows: input rows that any window here touches
  int32_t kernel_w = 1, stride_w = 1, dilation_w = 1;
  int32_t shifts = 1, pixels = 0, columns = 0;  // columns: input columns that a strip touches
  int32_t channels = 0;                         // that exist, of the block
  const int8_t* weights = nullptr;              // of the block
  ptrdiff_t shift_bytes = 0;                    // between the weights of two shifts
  const int32_t* start = nullptr;
  uint8_t* quads = nullptr;  // [layer][column][block][4]
  int32_t* acc = nullptr;    // [shift][pixel][block]
};
using DepthwiseFn = void (*)(const DepthwiseStrips& strips);

const char* depthwise_refuse(const ConvProblem& problem);
// `block`: channels of a block, a multiple of 16.
size_t depthwise_packed_bytes(const ConvProblem& problem, int32_t block, DepthwiseLayout layout);
void depthwise_pack(const ConvProblem& problem, int32_t block, DepthwiseLayout layout,
                    void* packed);
int64_t depthwise_items(const ConvProblem& problem, int32_t block);
size_t depthwise_workspace_bytes(const ConvProblem& problem, int32_t block);
void depthwise_run(const ConvCall& call, int32_t block, DepthwiseLayout layout, int64_t begin,
                   int64_t end, void* workspace, DepthwiseFn sum);

// Estimated cycles, from those of a block's column of quads, of a quad of a pixel and of an output.
double depthwise_cost(const ConvProblem& problem, int32_t block, double per_column, double per_quad,
                      double per_output);

}  // namespace weq::kernels
