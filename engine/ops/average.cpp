#include "engine/ops/average.h"

namespace weq {

int64_t average_bound(int64_t max_abs_level, int64_t positions, int64_t scaled_multiplier,
                      int scale_bits, int64_t addend, bool sum) {
  constexpr int64_t kLimit = int64_t{1} << 31;
  const int64_t level = max_abs_level > 1 ? max_abs_level : 1;
  if (positions >= kLimit || level * positions >= kLimit) return -1;
  const int64_t magnitude = scaled_multiplier < 0 ? -scaled_multiplier : scaled_multiplier;
  const int64_t whole = (magnitude >> scale_bits) + 1;
  if (whole >= kLimit) return -1;
  const int64_t per_level = sum ? whole * positions : whole + positions;  // below 2^62
  if (per_level >= kLimit) return -1;
  const int64_t v = per_level * level + (addend < 0 ? -addend : addend);
  return v < kLimit ? v : -1;
}

}  // namespace weq
