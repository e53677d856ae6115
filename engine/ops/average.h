// The multiplier of an average over a window whose size is known only with the session
// (quantization.md, section 4). The converter proves with the same functions.
#pragma once

#include <cstdint>

namespace weq {

inline constexpr int kMaxScaleBits = 48;
inline constexpr int64_t kMaxScaledMultiplier = int64_t{1} << 61;

// M = (2 * scaled_multiplier / n + 2^scale_bits) >> (scale_bits + 1)
inline int64_t average_multiplier(int64_t scaled_multiplier, int scale_bits, int64_t n) {
  return (2 * scaled_multiplier / n + (int64_t{1} << scale_bits)) >> (scale_bits + 1);
}

// Upper bound of |v|, of every sum of levels and of |M| over windows of at most `positions` inside
// positions, or -1 when it reaches 2^31. An average counts at least the inside positions, so its
// |M| * positions stays below |scaled_multiplier| / 2^scale_bits + positions; a sum counts as 1.
int64_t average_bound(int64_t max_abs_level, int64_t positions, int64_t scaled_multiplier,
                      int scale_bits, int64_t addend, bool sum);

}  // namespace weq
