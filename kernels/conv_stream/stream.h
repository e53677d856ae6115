// The plan of matrix-vector products, shared by its instruction sets: few rows, each reduced over
// K consecutive input bytes (a 1x1 convolution of few pixels, or a window that covers the input).
//
// Weights are read once, in one stream, so they stay codes of `width` bits: 1, 2, 3, 4, or 8 for
// levels themselves. Output channels are cut into blocks of 64, K into steps of 8. A step of a
// block is eight vectors of 64 codes; vector v has channels 16 (v % 4) .. + 15 and, for each, the
// four k that begin at 4 (v / 4). They share `width` times 64 bytes, byte i of a vector with byte i
// of another, so that a shift and a lookup that ignores the upper bits give a vector:
//   1, 2, 4 bits   byte i of the next 8 / width vectors, lowest bits first
//   3 bits         two codes in the lowest six bits of each of three bytes (vectors 0 .. 5); the
//                  upper bits of the three have vectors 6 and 7: 0 and 1 their lower two bits, 2
//                  their upper bits
//   8 bits         one level each
// Bytes of a row past K count as 0: they are read from a copy. Start values are -offset * sum(Lw).
//
// A work item is a block. Code bytes are refused.
#pragma once

#include "kernels/conv/conv.h"

namespace weq::kernels {

inline constexpr int32_t kStreamBlock = 64, kStreamStep = 8, kStreamRows = 4;

// Steps of one block, `rows` rows.
struct StreamBlock {
  int64_t flush = 0;  // results of vpmaddubsw that may be added in 16 bits
  const uint8_t* weights = nullptr;
  const int8_t* levels = nullptr;          // 64: the levels of all codes, repeated
  const uint8_t* rows[kStreamRows] = {};   // input
  const uint8_t* tails[kStreamRows] = {};  // the last step of each, when K is no multiple
  int64_t steps = 0;                       // whole ones
  const int32_t* start = nullptr;          // 64
  int32_t* acc = nullptr;                  // [row][64]
};
using StreamFn = void (*)(const StreamBlock& block);

// One function for each number of rows.
struct StreamKernels {
  StreamFn of_width[9][kStreamRows];  // [width][rows - 1]; widths 1, 2, 3, 4 and 8
};

const char* stream_refuse(const ConvProblem& problem);
// How many results of vpmaddubsw may be added in 16 bits: from the bounds where their quads are
// those of here, else from the largest weight.
int64_t stream_flush(const ConvProblem& problem);
size_t stream_packed_bytes(const ConvProblem& problem);
void stream_pack(const ConvProblem& problem, void* packed);
int64_t stream_items(const ConvProblem& problem);
size_t stream_workspace_bytes(const ConvProblem& problem);
void stream_run(const ConvCall& call, const StreamKernels& kernels, int64_t begin, int64_t end,
                void* workspace);

// Estimated cycles, reading from memory apart: a step of `width` takes step_cycles[width], and
// `row_cycles` more for every row after the first.
double stream_cost(const ConvProblem& problem, const double (&step_cycles)[9], double row_cycles);

}  // namespace weq::kernels
