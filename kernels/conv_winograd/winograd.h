// Exact Winograd convolution in bytes, 3x3 with stride 1 or 2, 5x5 with stride 1: what its
// instruction sets and forms share (design note kernels.md, sections 2.2 and 2.3).
//
// A tile is 2x2 outputs (or 1x2). Its input, 4x4 (or 4) pixels d, becomes 16 (or 4) positions
//     V = B^T d B    rows of B^T: d0 - d2, d1 + d2, d2 - d1, d1 - d3
// its kernels become positions U of the same number, the products sum over input channels,
//     M = sum_c U V,    4 y = A^T M A (or 2 y)    rows of A^T: (2,1,1,0), (0,1,-1,-2)
// with U = G g G^T and rows of G (1,0,0), (1,1,1), (1,-1,1), (0,0,1): integers, and the factor 2 of
// the outer rows in A; where bytes hold it, in G instead ("doubled"). All of it wraps modulo 2^32
// and is exact because |4 y| < 2^31; V wraps modulo 2^8 and is exact because its range fits a byte:
// differences are stored plus 128, sums minus their least. What that adds to M is a constant per
// channel and output of a tile, and always a multiple of 4: it goes into the start values of the
// corner positions, which reach one output each.
//
// With stride 2 even and odd input lines are convolutions of their own, of taps g0, g2 and of g1:
//     y0 = (d0 - d2) g0 + d2 (g0 + g2) + d1 g1    y1 = d2 (g0 + g2) + (d4 - d2) g2 + d3 g1
// 5 products for 6 along an axis, 25 for 36, nothing to divide. Terms of one output alone share a
// sum: along an axis the 5 planes of V make 3 positions, {d0 - d2, d1}, {d2}, {d4 - d2, d3}, with
// y0 = m0 + m1, y1 = m1 + m2.
//
// A 5x5 kernel is four 3x3 kernels, taps (g0, g1, 0) and (g2, g3, g4) of each axis. The second lie
// two pixels on, where the next tile has made V already; the first lack the last position. Sums are
// shared: 7 products for 10 along an axis, 49 for 100.
#pragma once

#include "kernels/conv/conv.h"

namespace weq::kernels {

enum class WinogradForm {
  kSquare,       // F(2x2,3x3): 16 products for 36
  kSquareSplit,  // the same with the 4 centre positions of U as sums of two bytes: 20 for 36
  kRow,          // F(2,3) along x: kernel rows join the sum, 12 for 18
  kStrided,      // stride 2, taps of even and odd lines apart: 25 for 36
  kFive,         // 5x5 as four 3x3: 49 for 100
};

// Planes of V of a strided tile in the order of positions and their terms; rows and columns:
// d0 - d2, d1, d2, d4 - d2, d3.
inline constexpr int32_t kWinogradStridedPlane[5][5] = {{0, 1, 4, 6, 7},
                                                        {2, 3, 5, 8, 9},
                                                        {10, 11, 12, 13, 14},
                                                        {15, 16, 19, 21, 22},
                                                        {17, 18, 20, 23, 24}};

// What they meet along an axis, of g0, g1, g0 + g2, g2.
inline constexpr int32_t kWinogradStridedTap[5] = {0, 1, 2, 3, 1};

inline constexpr int32_t kWinogradMostRuns = 4;
inline constexpr ptrdiff_t kWinogradOneTerm[1] = {0};
inline constexpr int32_t kWinogradTiles = 8;   // of a register tile, at most
inline constexpr int32_t kWinogradChunk = 64;  // input channels of a run of V
inline constexpr int32_t kWinogradGroup = 32;  // output channels of a work item, at most

// One position for up to kWinogradTiles tiles and one group: sums[t][32] = start + sum of products.
// The sum has `runs` parts of `quads` quads (4 channels). Quad q of tile t and run r is at
//     bytes + terms[r] + q / 16 * chunk_step + t * 64 + q % 16 * 4
// and its weights are [quad][vector][16 channels][4], those of run 0 at `weights` and others as
// many times plane_bytes on as planes[r] says more than planes[0].
struct WinogradProduct {
  const uint8_t* bytes = nullptr;
  const ptrdiff_t* terms = kWinogradOneTerm;
  ptrdiff_t chunk_step = 0;
  const int8_t* weights = nullptr;
  const uint8_t* planes = nullptr;  // unread with one run
  ptrdiff_t plane_bytes = 0;
  const int32_t* start = nullptr;  // [32]
  int32_t* sums = nullptr;
  int32_t runs = 0, quads = 0, tiles = 0, vectors = 0;
};

// The outputs of a tile that exist.
struct WinogradTile {
  ptrdiff_t pixel = 0;         // of the first, counted through the tensor
  int32_t rows = 0, cols = 0;  // 1 or 2
};

// The end of up to kWinogradTiles tiles and one group.
struct WinogradOutput {
  const int32_t* sums = nullptr;  // [position][kWinogradTiles][32]
  const WinogradTile* tiles = nullptr;
  int32_t count = 0;
  int32_t channel = 0, channels = 0;  // of the group
  bool doubled = false;               // winograd_doubled of the problem
  const ConvCall* call = nullptr;
  int32_t* acc = nullptr;  // [row of a tile][2 * kWinogradTiles][32], for epilogues in memory
};

// The steps of one form by one instruction set.
struct WinogradSteps {
  WinogradForm form;
  // pixels[16] (or [4], [25]), row by row, to plane p of V, channels 64 i ... of one tile at
  // to + p * plane_step + i * chunk_step. `least` is subtracted from the sums.
  void (*input)(const uint8_t* const* pixels, int32_t channels, uint8_t least, uint8_t* to,
                ptrdiff_t plane_step, ptrdiff_t chunk_step);
  void (*product)(const WinogradProduct& product);
  // Ends with stored bytes, or with acc and winograd_requantize.
  void (*output)(const WinogradOutput& output);
};

const char* winograd_refuse(const ConvProblem& problem, WinogradForm form);
// True when outer rows of G are (2,0,0) and (0,0,2), so that A needs no factor.
bool winograd_doubled(const ConvProblem& problem, WinogradForm form);
double winograd_cost(const ConvProblem& problem, WinogradForm form);
size_t winograd_packed_bytes(const ConvProblem& problem, WinogradForm form);
void winograd_pack(const ConvProblem& problem, WinogradForm form, void* packed);
int64_t winograd_items(const ConvProblem& problem, WinogradForm form);
size_t winograd_workspace_bytes(const ConvProblem& problem, WinogradForm form);
void winograd_run(const ConvCall& call, const WinogradSteps& steps, int64_t begin, int64_t end,
                  void* workspace);

// Requantizes output.acc.
void winograd_requantize(const WinogradOutput& output);

}  // namespace weq::kernels
