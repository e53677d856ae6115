#include "converters/walk/fast_encoder.h"

#include <algorithm>
#include <cmath>

namespace weq::convert {

FastEncoder::FastEncoder(const std::vector<double>& boundaries)
    : boundaries_(boundaries), buckets_(size_t{1} << 16) {
  const auto count_at = [&](double x) {
    return static_cast<uint8_t>(std::upper_bound(boundaries_.begin(), boundaries_.end(), x) -
                                boundaries_.begin());
  };
  for (uint32_t top = 0; top < buckets_.size(); ++top) {
    const uint32_t first = top << 16, last = first | 0xffff;
    float a, b;
    std::memcpy(&a, &first, sizeof a);
    std::memcpy(&b, &last, sizeof b);
    if (std::isnan(a) || std::isnan(b)) {  // infinities share their bucket with NaN
      const uint8_t end = top >> 15 ? 0 : static_cast<uint8_t>(boundaries_.size());
      buckets_[top] = {end, end};
      continue;
    }
    const uint8_t x = count_at(static_cast<double>(a)), y = count_at(static_cast<double>(b));
    buckets_[top] = {std::min(x, y), std::max(x, y)};
  }
}

}  // namespace weq::convert
