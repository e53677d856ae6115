// What the kernels of conv_lut agree on: index images, tables and packed weights.
//
// Index image (written by gather): [batch][rows][cols][lookups], one per pixel and group of
// channels (flush.h), padding included. What an index holds is the kernel's affair.
// Packed weights: tables, start values, panels.
//   tables  sums of lut_term: of all channels of a group (lut_fill_tables), or the kernel's own
//   start   int32 per output channel, padded to `lanes`: the sum of those minima, less what missing
//           channels add
//   panels  weight index = sum of code_i * weight_codes^i over the group's channels. Per block of 2
//   * lanes output channels (the last may be of `lanes`): one vector or two
//           of weight indices per lookup, in lookup order. Within a vector, channel c sits at byte
//           2c, channel lanes / 2 + c at byte 2c + 1: sums of even and odd bytes then widen to
//           channels in order.
//   runs    per block, the lengths of the runs of lookups whose byte sums are exact for all of its
//           channels, in order; each ends with its segment at the latest (runs.h)
#pragma once

#include "kernels/conv/conv.h"
#include "kernels/conv/target.h"

namespace weq::kernels {

struct LutLayout {
  int32_t lookups = 0;                 // indices of a pixel: ceil(in_c / group)
  int32_t rows = 0, cols = 0;          // of the index image
  int32_t step_h = 1, step_w = 1;      // input pixels per image pixel: the stride, where no other
                                       // input is read (kernels of one row or column)
  int32_t stride_h = 1, stride_w = 1;  // image pixels per output
  int32_t segments_h = 1, segments_w = 1;          // contiguous runs of indices of one window
  int32_t segment = 0;                             // their length
  int32_t segment_step_h = 0, segment_step_w = 0;  // image pixels between them

  ptrdiff_t row_indices() const { return ptrdiff_t{cols} * lookups; }
  int64_t total_lookups() const { return int64_t{segments_h} * segments_w * segment; }
};
LutLayout lut_layout(const ConvShape& shape, int32_t group);

// The reason why tables for so many codes at most do not serve the problem, else nullptr. `flush`:
// lookups that surely fit a byte.
const char* lut_refuse(const ConvProblem& problem, int32_t weight_codes, int32_t activation_codes,
                       int32_t flush);

struct LutForm {
  int32_t group = 0, lanes = 0;  // channels of a lookup, bytes of a vector
  int32_t weight_codes = 0;      // 2, 3 or 4
  int32_t table_bytes = 0;       // of all tables
};
// One table of `lanes` bytes for each combination of activation codes, 4^group of them.
constexpr LutForm lut_one_table(int32_t group, int32_t lanes) {
  return {group, lanes, 4, lanes << 2 * group};
}

struct LutPacked {
  size_t start = 0, panels = 0, runs = 0, bytes = 0;  // offsets, and the whole
  size_t block_runs = 0;                              // bytes between the runs of two blocks
};
LutPacked lut_packed(const ConvShape& shape, const LutForm& form);
// Start values, panels and runs; the tables become 0.
void lut_pack_weights(const ConvProblem& problem, const LutForm& form, uint8_t* packed);

// La * Lw - the minimum of that over the activation codes; 0 for codes that do not exist.
int32_t lut_term(const ConvProblem& problem, int32_t activation, int32_t weight);
// Row a = sum of code_i << 2i, entry w likewise: the sum of their terms, repeated to fill the row.
void lut_fill_tables(const ConvProblem& problem, const LutForm& form, uint8_t* tables);

// The stored byte that stands for channels missing in the last group; packed weights take off what
// it adds.
uint8_t lut_missing_byte(const LevelMap& map);
// The code of each stored byte; 0 for bytes that no code has.
void lut_codes_of_bytes(const LevelMap& map, uint8_t codes[256]);

}  // namespace weq::kernels
