// Tables for weights of two codes: every weight is one bit of the index.
#pragma once

#include "kernels/conv_lut/layout.h"

namespace weq::kernels {

// Lookups of `group` channels that surely fit a byte: 255 / (group * span * max|Lw|). ConvBounds
// holds no interval for these groups: with two codes of equal size none is longer.
int32_t lut_binary_flush(const ConvProblem& problem, int32_t group);

// What runs become on average: both codes are equally frequent.
double lut_binary_usual_run(const ConvProblem& problem, int32_t group);

// Channels [first, end) of a group of them.
struct LutPart {
  int32_t first = 0, end = 0;
};

// The sums of a part's channels: row r = sum of code_i * codes^(i - first), entry w = the weights'
// bits, both of the whole group; codes^(end - first) rows of `row_bytes`, into which the 2^group
// entries are repeated.
void lut_fill_part(const ConvProblem& problem, const LutPart& part, int32_t group, int32_t codes,
                   int32_t row_bytes, uint8_t* tables);

}  // namespace weq::kernels
