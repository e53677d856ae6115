// How many lookups may be added in bytes: the exactness bound of conv_lut.
#pragma once

#include "kernels/conv/conv.h"

namespace weq::kernels {

// Lookup order of an output channel: kernel taps (row, column), then lookups j = 0..T-1 with
// T = ceil(in_c / group); lookup j covers the channels j, j + T, j + 2T... below in_c. Missing
// channels weigh the smallest |level| among the weight's codes (the code that packing uses there).
//
// Table entries are made non-negative by subtracting the minimum over the activation codes, so a
// lookup adds at most span * (sum of its |Lw|), span = max level - min level of the activation. The
// result is the largest n such that every n consecutive lookups of every output channel add at most
// 255, kLongest of longest_run.h at most. A kernel may therefore cut its runs
// anywhere. 0: a single lookup overflows, or the layer is not for conv_lut at all (grouped, more
// than 4 weight codes or 16 activation codes).
//
// Stored by the converter as ConvBounds::lut_flush3 (group 3) and lut_flush2 (group 2), recomputed
// by the loader. Needs channels and kernel of `shape` alone. Linear in the weights, no allocation.
int32_t lut_flush(const ConvShape& shape, const ConvWeights& weights, const LevelMap& input,
                  int32_t group);

// The weight code that stands for missing channels: the first of the smallest |level|.
int32_t lut_filler_code(const ConvWeights& weights);

}  // namespace weq::kernels
