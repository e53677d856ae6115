// What the kernels of conv_lut agree on: index images, tables and packed weights.
//
// Index image (written by gather): [batch][rows][cols][lookups] bytes, one per pixel and group of
// channels (flush.h), padding included. Index = sum of code_i << 2i over the group's channels.
// Packed weights: tables, start values, panels.
//   tables  4^group rows of `lanes` bytes: row a, entry w = sum over the group of La * Lw - min La
//   * Lw
//           (the minimum over a), repeated to fill the row; 0 for codes that do not exist
//   start   int32 per output channel, padded to `lanes`: the sum of those minima
//   panels  per block of 2 * lanes output channels (the last may be of `lanes`): one vector or two
//           of weight indices per lookup, in lookup order. Within a vector, channel c sits at byte
//           2c, channel lanes / 2 + c at byte 2c + 1: sums of even and odd bytes then widen to
//           channels in order.
#pragma once

#include "kernels/conv/conv.h"

namespace weq::kernels {

struct LutLayout {
  int32_t lookups = 0;                 // index bytes of a pixel: ceil(in_c / group)
  int32_t rows = 0, cols = 0;          // of the index image
  int32_t step_h = 1, step_w = 1;      // input pixels per image pixel: the stride, where no other
                                       // input is read (kernels of one row or column)
  int32_t stride_h = 1, stride_w = 1;  // image pixels per output
  int32_t segments_h = 1, segments_w = 1;          // contiguous runs of index bytes of one window
  int32_t segment = 0;                             // their length
  int32_t segment_step_h = 0, segment_step_w = 0;  // image pixels between them

  ptrdiff_t row_bytes() const { return ptrdiff_t{cols} * lookups; }
  int64_t total_lookups() const { return int64_t{segments_h} * segments_w * segment; }
};
LutLayout lut_layout(const ConvShape& shape, int32_t group);

// The reason why no lookup table serves the problem, else nullptr. `flush`: the bound for `group`.
const char* lut_refuse(const ConvProblem& problem, int32_t group, int32_t flush);

struct LutPacked {
  size_t start = 0, panels = 0, bytes = 0;  // offsets, and the whole
};
LutPacked lut_packed(const ConvShape& shape, int32_t group, int32_t lanes);
void lut_pack(const ConvProblem& problem, int32_t group, int32_t lanes, uint8_t* packed);

// The code of each stored byte; 0 for bytes that no code has.
void lut_codes_of_bytes(const LevelMap& map, uint8_t codes[256]);

// Index bytes, each shifted left by `scale`, of a pixel whose channels are `bytes`.
void lut_index_pixel(const uint8_t* bytes, int32_t in_c, int32_t group, int32_t scale,
                     const LevelMap& map, uint8_t* out);

}  // namespace weq::kernels
