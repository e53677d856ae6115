// Softmax over one row of floats. Only additions, multiplications, divisions and bit operations in
// a fixed order (no fused multiply-add, no library function): the same bits on every machine with
// IEEE arithmetic that rounds to nearest.
//
// Sums run in 16 lanes (element i in lane i mod 16) that a tree adds up: 8, 4, 2, 1 apart.
#pragma once

#include <cstdint>

namespace weq::kernels {

// e^x for x <= 0; 0 below -87. Largest relative error 1.2e-7 (measured over all floats of [-87,
// 0]).
float exp_nonpositive(float x);

// The natural logarithm of x >= 1, x finite. Largest error 1.1e-7 relative, or 4.7e-8 absolute
// where the result is below 1/2 (measured).
float log_from_one(float x);

// Replaces row[0..count) by e^(x_i - max) / sum, or with `log` by (x_i - max) - log(sum).
// A row with a NaN or +infinity gives NaNs.
void softmax_row(float* row, int64_t count, bool log);

// floor(p * 2^24 + 1/2) of a probability, floor(p * 2^16 + 1/2) of its logarithm, as int32; below
// -2^15 + 1 the logarithm counts as that, and so does a NaN (as 0 for a probability).
void softmax_units(const float* row, int64_t count, bool log, int32_t* v);

}  // namespace weq::kernels
