// One level of Strassen's product in Winograd's form for 1x1 convolutions in bytes (design note
// kernels.md, section 2.5).
//
// Pixels, input channels and output channels are cut in halves: A = levels [2 x 2], B = weights
// [2 x 2], C = A B. With
//     S1 = A21 + A22, S2 = S1 - A11, S3 = A11 - A21, S4 = A12 - S2
//     T1 = B12 - B11, T2 = B22 - T1, T3 = B22 - B12, T4 = T2 - B21
// seven products, in this order,
//     A11 B11, A12 B21, S4 B22, A22 (-T4), S1 T1, S2 T2, S3 T3    called m0 to m6
//     C11 = m0 + m1                  C12 = m0 + m5 + m4 + m2
//     C21 = m0 + m5 + m6 + m3        C22 = m0 + m5 + m6 + m4
// S fits unsigned bytes when levels span at most 63 and T signed ones when |w| <= 31. S are stored
// plus what makes them non-negative; start values take that out of each product.
#pragma once

#include "kernels/conv_winograd/winograd.h"

namespace weq::kernels {

inline constexpr int32_t kStrassenProducts = 7;

// A tile is a pixel of the first half with its partner in the second; a work item is a band of
// tiles for 32 output channels of each half.
struct StrassenPlan {
  explicit StrassenPlan(const ConvShape& shape);

  int64_t pixels, tiles;      // tiles: the first half, the larger one
  int64_t bands;              // runs of tiles whose S stay in cache
  int32_t band_tiles;         // at most
  int32_t quads, chunks;      // of a half of the input channels
  int32_t half_in, half_out;  // channels
  int32_t groups;             // of 32 output channels of a half

  int64_t first_tile(int64_t band) const { return tiles * band / bands; }
  // S of one band: [product][chunk][tile][64].
  ptrdiff_t chunk_step() const { return ptrdiff_t{band_tiles} * kWinogradChunk; }
  ptrdiff_t plane_step() const { return (chunks * chunk_step()) | kWinogradChunk; }
  size_t band_bytes() const { return size_t(kStrassenProducts * plane_step()); }
  // Packed: start values [group][product][32], then weights [group][product][quad][2][16][4].
  size_t start_bytes() const {
    return size_t(groups) * kStrassenProducts * kWinogradGroup * sizeof(int32_t);
  }
  size_t product_bytes() const { return size_t(quads) * 128; }
  size_t packed_bytes() const {
    return start_bytes() + size_t(groups) * kStrassenProducts * product_bytes();
  }
};

// What is added to the levels of each factor of A in storage.
struct StrassenOffsets {
  explicit StrassenOffsets(const LevelMap& map);
  int32_t of[kStrassenProducts];
};

// The end of up to kWinogradTiles neighbouring tiles and one group.
struct StrassenOutput {
  const int32_t* sums = nullptr;  // [product][kWinogradTiles][32]
  int64_t tile = 0;               // the first, a pixel; its partner is `partner` pixels on
  int64_t partner = 0;
  int32_t count = 0, partners = 0;  // tiles, and those whose partner exists
  int32_t channel = 0, half_out = 0;
  const ConvCall* call = nullptr;
  int32_t* acc = nullptr;  // [pixel half][channel half][kWinogradTiles][32]
};

struct StrassenSteps {
  // The seven factors of A, channels 64 i ... of one tile at to + p * plane_step + i * chunk_step,
  // from both pixels. `add[p]`: what S lacks to be stored, modulo 256.
  void (*input)(const uint8_t* first, const uint8_t* second, int32_t half, const uint8_t* add,
                uint8_t* to, ptrdiff_t plane_step, ptrdiff_t chunk_step);
  void (*product)(const WinogradProduct& product);
  // Ends with stored bytes, or with acc and strassen_requantize.
  void (*output)(const StrassenOutput& output);
};

const char* strassen_refuse(const ConvProblem& problem);
double strassen_cost(const ConvProblem& problem);
size_t strassen_packed_bytes(const ConvProblem& problem);
void strassen_pack(const ConvProblem& problem, void* packed);
int64_t strassen_items(const ConvProblem& problem);
size_t strassen_workspace_bytes(const ConvProblem& problem);
void strassen_run(const ConvCall& call, const StrassenSteps& steps, int64_t begin, int64_t end,
                  void* workspace);
void strassen_requantize(const StrassenOutput& output);

}  // namespace weq::kernels
