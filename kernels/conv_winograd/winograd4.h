// Exact Winograd convolution F(4x4,3x3) in 16 bits, 3x3 with stride 1: what its instruction sets
// share (design note kernels.md, section 2.4).
//
// A tile is 4x4 outputs. Its input, 6x6 stored bytes d, becomes 36 positions V = B^T d B, its
// kernels become U = G g G^T, the products sum over input channels, and the outputs are
// A^T (sum U V) A. With integer rows of G
//     (6,0,0), (1,1,1), (1,-1,1), (1,2,4), (1,-2,4), (0,0,6)
// |U| <= 49 |w| and |V| <= 68 * 255: both fit 16 bits for every level. Products and sums wrap
// modulo 2^32. The outputs of row i and column j come as 9 * 2^(e_i + e_j) times the true sum y,
// e = (3,2,1,1), hence
//     y = (result * inverse of 9 mod 2^32) >> (e_i + e_j), exact because |y| < 2^25,
// which is a condition on the weights.
//
// A work item is a block of up to 16 tiles and up to 64 output channels; items of one block follow
// each other, so its V is made once. Groups of the convolution ("parts") are convolutions of their
// own, one after the other. The sum is cut into chunks of input channels. Packed, part by part:
// start values -offset * sum(Lw), then, for groups of output channels and chunks, either U as
// [position][pair of input channels][channel][2], 16 bits, or, where U is more than stays in a
// second-level cache, the levels as [pair][tap][channel][2], bytes: an eighth. A run then makes U
// for a chunk at a time.
#pragma once

#include "kernels/conv/conv.h"

namespace weq::kernels {

inline constexpr int32_t kWinograd4Positions = 36;
inline constexpr int32_t kWinograd4Tiles = 16;       // of a block, at most
inline constexpr int32_t kWinograd4Channels = 16;    // V is made for so many input channels at once
inline constexpr int32_t kWinograd4ChunkPairs = 64;  // of input channels
inline constexpr int32_t kWinograd4Item = 64;        // output channels of a work item
inline constexpr uint32_t kInverseOf9 = 0x38E38E39;  // modulo 2^32
inline constexpr int32_t kWinograd4Shift[4] = {3, 2, 1, 1};  // e

// One chunk. V of a block: position p of tile t at v + (t * 36 + p) * row. Sums of a group of
// output channels: [position][tile][group], set by the first chunk, added to by others.
struct Winograd4Products {
  const int16_t* v = nullptr;
  ptrdiff_t row = 0;
  const int16_t* u = nullptr;
  ptrdiff_t u_step = 0;  // between positions of u
  int32_t pairs = 0, tiles = 0;
  bool first = true;
  int32_t* sums = nullptr;
};

struct Winograd4Steps {
  int32_t group;  // output channels at once: 16 or 32
  // V of one tile from its 36 pixels, `channels` (a multiple of 16) of each.
  void (*input)(const uint8_t* const* pixels, int32_t channels, int16_t* v, ptrdiff_t row);
  // U from the levels of `pairs` pairs.
  void (*weights)(const int8_t* levels, int32_t pairs, int16_t* u, ptrdiff_t u_step);
  void (*products)(const Winograd4Products& products);
  // The 16 outputs of a tile, plus start: output (i, j) at acc + i * row + j * group. `sums` points
  // at position 0, `step` lies between positions.
  void (*output)(const int32_t* sums, ptrdiff_t step, const int32_t* start, int32_t* acc,
                 ptrdiff_t row);
};

const char* winograd4_refuse(const ConvProblem& problem);
// `macs_per_cycle`: products of 16 bits and additions in a loop.
double winograd4_cost(const ConvProblem& problem, int32_t group, double macs_per_cycle);
size_t winograd4_packed_bytes(const ConvProblem& problem, int32_t group);
void winograd4_pack(const ConvProblem& problem, int32_t group, void* packed);
int64_t winograd4_items(const ConvProblem& problem);
size_t winograd4_workspace_bytes(const ConvProblem& problem, int32_t group);
void winograd4_run(const ConvCall& call, const Winograd4Steps& steps, int64_t begin, int64_t end,
                   void* workspace);

// How the work is cut up; all but `parts` is of one part.
struct Winograd4Plan {
  Winograd4Plan(const ConvShape& s, int32_t group);

  int64_t first_tile(int64_t block) const { return tiles * block / blocks; }
  size_t start_bytes() const { return size_t(out_channels) * sizeof(int32_t); }
  int32_t chunk_pairs(int32_t chunk) const {
    const int32_t left = pairs - chunk * kWinograd4ChunkPairs;
    return left < kWinograd4ChunkPairs ? left : kWinograd4ChunkPairs;
  }
  // Bytes of a pair of one group.
  size_t pair_bytes() const { return size_t(group) * (made_early ? 144 : 18); }
  size_t group_bytes() const { return size_t(pairs) * pair_bytes(); }
  size_t part_bytes() const {
    return round_up(start_bytes() + size_t(groups) * group_bytes(), kAlignment);
  }
  // Between positions of a chunk of U, in 16-bit values; off a multiple of the page size.
  ptrdiff_t u_step(int32_t chunk) const {
    return ptrdiff_t{chunk_pairs(chunk)} * 2 * group + (made_early ? 0 : 32);
  }
  size_t u_bytes() const {
    return made_early ? 0 : size_t(kWinograd4Positions) * size_t(u_step(0)) * sizeof(int16_t);
  }
  size_t v_bytes() const {
    return size_t(kWinograd4Tiles) * kWinograd4Positions * size_t(row) * sizeof(int16_t);
  }
  size_t sums_bytes() const {
    return size_t(kWinograd4Tiles) * kWinograd4Positions * size_t(group) * sizeof(int32_t);
  }
  size_t acc_bytes() const {
    return size_t(kWinograd4Tiles) * 16 * size_t(group) * sizeof(int32_t);
  }

  int32_t parts, in_c, out_c;
  int32_t tiles_h, tiles_w, pairs, chunks, group, groups;
  int32_t channels;      // input, padded to kWinograd4Channels
  int32_t out_channels;  // padded to whole groups
  bool made_early;       // U is packed, not the levels
  int64_t tiles, blocks;
  ptrdiff_t row;  // between positions of V, off a multiple of the page size
};

}  // namespace weq::kernels
