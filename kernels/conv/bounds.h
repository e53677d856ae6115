// Bounds on the sums of one convolution, from its real codes (quantization.md, section 3). The
// converter stores them, the loader recomputes them. Linear in the number of weights; no
// allocation.
#pragma once

#include "kernels/conv/conv.h"
#include "kernels/conv/longest_run.h"

namespace weq::kernels {

// Largest |acc| over all inputs that `map` can hold, in true levels, for every order and every
// subset of the sum: max over channels of max(sum of the positive extremes of w * level, minus the
// sum of the negative ones). When `per_channel` is not null it receives out_c values.
int64_t max_abs_acc(const ConvShape& shape, const ConvWeights& weights, const LevelMap& map,
                    int64_t* per_channel);

// max |Lw| over the codes in use (not over the level table).
int32_t max_abs_weight(const ConvShape& shape, const ConvWeights& weights);

// The largest F such that F results of vpmaddubsw may be added in 16 bits, wherever the run begins.
// A channel's weights, cut into segments and quads (segments.h), form two lanes: the first and the
// second pair of every quad. For every run of F consecutive quads of a lane,
//     max byte * (sum of its positive weights) <= 32767, and the same for -(negative weights),
// where the bytes are those stored: level + offset. 0 when one pair alone breaks it or when the
// tensor holds code bytes; at most kMaxSum16Flush.
inline constexpr int32_t kMaxSum16Flush = LongestRun::kLongest;
int32_t sum16_flush(const ConvShape& shape, const ConvWeights& weights, const LevelMap& map);

// All fields of ConvBounds, for the converter to store and the loader to compare; `per_channel` as
// in max_abs_acc.
ConvBounds compute_bounds(const ConvShape& shape, const ConvWeights& weights, const LevelMap& map,
                          int64_t* per_channel = nullptr);

}  // namespace weq::kernels
