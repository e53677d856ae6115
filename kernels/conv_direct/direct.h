// The plan of the direct convolution, shared by its instruction sets.
//
// Output rows are pixels, batch * out_h * out_w of them; groups that share a vector of 16 output
// channels are merged into one, with zero weights; output channels of a group are cut into blocks
// of at most 64 and those into vectors of 16. A work item is one channel block for a run of pixels
// (96 / vectors of a block at most, evenly split). Items
// of one channel block follow each other, so a thread keeps a panel of weights in cache while it
// walks the pixels; a matrix-vector product has one item per 64 channels.
//
// No im2col: a window is read in place as segments (conv/segments.h), 4 bytes at a time. Bytes past
// a segment meet zero weights. Start values are -offset * sum(Lw), because stored bytes, padding
// included, are level + offset. Code bytes are refused.
#pragma once

#include "kernels/conv/conv.h"
#include "kernels/conv/segments.h"

namespace weq::kernels {

inline constexpr int32_t kDirectVector = 16;                // channels
inline constexpr int32_t kDirectBlock = 4 * kDirectVector;  // channels of a block, at most
inline constexpr int32_t kDirectTileRows = 96;              // rows * vectors of an item, at most

// How the weights of a quad (4 consecutive k of 16 channels) are stored.
enum class DirectLayout {
  kBlockBytes,   // [block][quad][vector][channel][k]: the vectors of a block side by side
  kVectorBytes,  // [vector][quad][channel][k]
  kVectorWords,  // [vector][pair][channel][k] of 16 bits, two pairs per quad; so is the input
};

// Sums of `rows` pixels and `vectors` * 16 channels.
struct DirectTile {
  const uint8_t* const* pixels = nullptr;  // first byte of each pixel's window
  int32_t rows = 0, vectors = 0;
  Segments segments;
  ptrdiff_t row_step = 0, col_step = 0;  // bytes between segments
  const int8_t* weights = nullptr;       // of the block
  const int32_t* start = nullptr;        // of the block
  int32_t* acc = nullptr;                // [rows][16 * vectors], for kernels that write sums
  const ConvCall* call = nullptr;
  int32_t channel = 0, channels = 0;  // of the output
  EpilogueTarget target;
};
// Sums and requantizes. `most`: quads whose products may be added in 16 bits, for kernels that do.
using DirectTileFn = void (*)(const DirectTile& tile, int32_t most);

// Requantizes tile.acc.
void direct_requantize(const DirectTile& tile);

const char* direct_refuse(const ConvProblem& problem);
size_t direct_packed_bytes(const ConvProblem& problem, DirectLayout layout);
void direct_pack(const ConvProblem& problem, DirectLayout layout, void* packed);
int64_t direct_items(const ConvProblem& problem, DirectLayout layout);
size_t direct_workspace_bytes(const ConvProblem& problem);
void direct_run(const ConvCall& call, DirectLayout layout, int64_t begin, int64_t end,
                void* workspace, DirectTileFn tile, int32_t most);

// Estimated cycles: `macs_per_cycle` in the inner loop, the copy and requantization beside it.
double direct_cost(const ConvProblem& problem, DirectLayout layout, double macs_per_cycle,
                   double cycles_per_output);

}  // namespace weq::kernels
