// The plan of depthwise convolution with windows of 3x3 and 5x5 and strides 1 and 2, shared by its
// instruction sets. Other windows take the general plan (depthwise.h).
//
// Input rows are taken four at a time ("layers"), so that four bytes of a channel above each other
// form a quad. L layers hold all rows of (4 L - size) / stride + 1 output rows ("shifts"), each
// with its weights moved down and zeros around them. A strip is that many output rows, up to
// kWindowPixels pixels of them and one block of channels: its columns are interleaved to quads in
// the workspace just before they are needed, read from the input itself or from the padding, so no
// padded copy is made.
//
// The four vectors of a block hold channels in the order that byte unpacks leave, which saturating
// packs undo: lane l of vector v has channels 16 l + 4 v .. + 3. Where the epilogue is one output
// by a linear or a grid form, requantization happens in registers; else by way of a tile.
//
// A work item is a strip. Items of a block follow each other within a band of rows that fits half
// of the second-level cache. Channels of a block past out_c have zero weights; the bytes read for
// them are neighbours or slack. Code bytes are refused.
#pragma once

#include "kernels/conv/conv.h"

namespace weq::kernels {

inline constexpr int32_t kWindowPixels = 32;  // of a strip, at most
inline constexpr int32_t kWindowBlock = 64;   // channels of a block, at most

enum class WindowLayout {
  kBytes,  // [block][vector][layer][column][shift][channel][row of the layer]
  kWords,  // [block][vector][layer][column][shift][row parity][channel][row / 2], 16 bits
};

constexpr int32_t window_layers(int32_t size) { return size == 5 ? 2 : 1; }
constexpr int32_t window_shifts(int32_t size, int32_t stride) {
  return (4 * window_layers(size) - size) / stride + 1;
}

// Constants of a block, in the order of its vectors.
struct WindowConstants {
  alignas(64) int32_t multiplier[kWindowBlock];
  alignas(64) int32_t addend[kWindowBlock];  // v = sum * multiplier + addend, rounding included
  alignas(64) int32_t start[kWindowBlock];   // what the offset of the bytes adds to a sum
};

struct WindowStrip {
  int32_t size = 3, stride = 1;  // of the window
  const uint8_t* rows[8] = {};   // at the first column inside the input, or the pad bytes
  ptrdiff_t steps[8] = {};       // bytes between columns: 0 for rows of padding
  const uint8_t* pad = nullptr;
  int32_t left = 0, end = 0;  // columns of the strip that lie inside the input: left..end - 1
  int32_t shifts = 0, pixels = 0, channels = 0;  // that exist
  int32_t width = kWindowBlock;                  // channels of the block: 32 or 64
  const int8_t* weights = nullptr;               // of the block
  WindowConstants* constants = nullptr;
  uint8_t* quads = nullptr;      // [column][layer][4][width]
  uint8_t* bytes = nullptr;      // output of the first pixel, where requantized in registers
  ptrdiff_t row = 0, pixel = 0;  // bytes between output rows and pixels
  int32_t* acc = nullptr;        // else the tile [shift][pixel][width], channels in order
};
using WindowFn = void (*)(const WindowStrip& strip, const Thresholds& thresholds);

// What an instruction set brings: strips of each form and the widest block it takes.
struct WindowKernels {
  int32_t block;  // 32 or 64
  WindowFn linear, grid, tile;
  // addend += start * multiplier + round, for `width` channels.
  void (*fold_start)(int32_t round, int32_t width, WindowConstants* constants);
};

const char* window_refuse(const ConvProblem& problem);
size_t window_packed_bytes(const ConvProblem& problem, int32_t block, WindowLayout layout);
void window_pack(const ConvProblem& problem, int32_t block, WindowLayout layout, void* packed);
int64_t window_items(const ConvProblem& problem, int32_t block);
size_t window_workspace_bytes(const ConvProblem& problem);
void window_run(const ConvCall& call, const WindowKernels& kernels, WindowLayout layout,
                int64_t begin, int64_t end, void* workspace);

// Estimated cycles, from those of a column of quads, of a product of a quad and of an output
// vector, all for 64 channels.
double window_cost(const ConvProblem& problem, int32_t block, double per_column, double per_product,
                   double per_output);

}  // namespace weq::kernels
