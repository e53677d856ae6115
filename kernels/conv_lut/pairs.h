// Tables of channel pairs for weights of at most four codes, whatever the number of activation
// codes: what the instruction sets share.
//
// Every pixel has, for its channels 2p and 2p + 1, a table of 16 bytes, one per pair of weight
// codes:
//     entry(w0, w1) = L[w0] * b0 + L[w1] * b1 - least(w0, w1)       b = byte - first byte: 0..span
// with the minimum over b taken off. It is exact when span * 2 * max|Lw| <= 255, and n of them may
// be added in a byte when n times that is.
//
// Tables are eight times the activations, so they live in the workspace. A work item is a strip of
// output rows of one image: it makes the tables of the strip's input (a lookup is 8 channels, 64
// bytes; padding included), then walks blocks of output channels, groups of pixels and slices of
// the reduction, each small enough for what is read again to stay near.
//
// Packed weights: PairConstants; start values, int32 per output channel, padded to a block; panels,
// one per block in the order of the instruction set's `place`.
#pragma once

#include "kernels/conv/conv.h"
#include "kernels/conv_lut/layout.h"

namespace weq::kernels {

inline constexpr int32_t kPairChannels = 8;     // of a lookup
inline constexpr int32_t kPairTableBytes = 64;  // of a lookup
inline constexpr int32_t kPairBlock = 64;       // output channels
inline constexpr int32_t kPairPixels = 48;      // summed before they are requantized
inline constexpr int32_t kPairSlice = 64;       // lookups of a pass, whole segments apart

// How to make a table from 8 bytes. The 16 entries of a pair lie in 8 words: entry e in the low
// byte of word e for e < 8, else in the high byte of word e - 8.
struct PairConstants {
  int8_t low[kPairTableBytes];   // (L[w0], L[w1]) of entries 0..7, once per pair
  int8_t high[kPairTableBytes];  // of entries 8..15
  uint8_t bias[kPairTableBytes];
};

// The byte of entry (w0, w1) in its table.
inline int32_t pair_position(int32_t w0, int32_t w1) {
  const int32_t entry = w0 | w1 << 2;
  return (entry & 7) * 2 + (entry >> 3);
}

// A part of the reduction: lookups [begin, end) of some segments.
struct PairPass {
  const uint8_t* panel = nullptr;       // weight indices of the pass's lookups
  const ptrdiff_t* segments = nullptr;  // bytes from a window's first table to each segment
  int32_t segment_count = 0, begin = 0, end = 0;
  int32_t channels = 0;            // of the block: 1..kPairBlock
  int32_t together = 1;            // lookups that may be added in bytes
  const int32_t* start = nullptr;  // per channel; nullptr: go on from the sums
};

struct PairOps {
  // Tables of pixels that lie `step` bytes apart; `missing` stands for channels past in_c.
  void (*make_tables)(const PairConstants& constants, const uint8_t* from, ptrdiff_t step,
                      int32_t in_c, uint8_t missing, int32_t pixels, uint8_t* tables);
  // sums[pixel * kPairBlock + channel] for pixels whose windows begin at `windows`.
  void (*sum)(const PairPass& pass, const uint8_t* const* windows, int32_t pixels, int32_t* sums);
  // Where the weight index of (channel of the block, pair of the lookup) lies among those of one
  // lookup, and what is added to pair_position.
  size_t (*place)(int32_t channels, int32_t channel, int32_t pair);
  uint8_t (*base)(int32_t pair);
  int32_t lanes;  // channels of a block are padded to this many
};

const char* pair_refuse(const ConvProblem& problem);
// Lookups whose entries may be added in bytes: 255 / (span * 2 * max|Lw|).
int32_t pair_together(const ConvProblem& problem);
size_t pair_packed_bytes(const ConvProblem& problem, const PairOps& ops);
void pair_pack(const ConvProblem& problem, const PairOps& ops, void* packed);
int64_t pair_items(const ConvProblem& problem);
size_t pair_workspace_bytes(const ConvProblem& problem);
void pair_run(const ConvCall& call, const PairOps& ops, int64_t begin, int64_t end,
              void* workspace);

struct PairCycles {
  double table;               // of one lookup of one pixel
  double lookup[3];           // of 16 outputs: added alone, 2 or 3 in bytes, more
  double lookup_of_lone_row;  // when nothing reuses the weights
  double output;              // storing and requantization
};
double pair_cost(const ConvProblem& problem, const PairOps& ops, const PairCycles& cycles);

}  // namespace weq::kernels
