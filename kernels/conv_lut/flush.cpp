#include "kernels/conv_lut/flush.h"

#include <algorithm>

#include "kernels/conv/codes.h"

namespace weq::kernels {
namespace {

int32_t magnitude(int32_t level) { return level < 0 ? -level : level; }

// The sums of |Lw| of one channel's lookups, in lookup order.
class LookupWalk {
 public:
  LookupWalk(const ConvShape& shape, const ConvWeights& weights, int32_t channel, int32_t group)
      : weights_(weights),
        group_(group),
        in_c_(shape.in_c),
        lookups_((shape.in_c + group - 1) / group),
        filler_(magnitude(weights.levels[lut_filler_code(weights)])),
        tap_(int64_t{channel} * shape.kernel_h * shape.kernel_w * shape.in_c) {}

  int32_t next() {
    int32_t sum = 0;
    for (int32_t i = 0; i < group_; ++i) {
      const int32_t c = j_ + i * lookups_;
      sum += c < in_c_ ? magnitude(level(tap_ + c)) : filler_;
    }
    if (++j_ == lookups_) {
      j_ = 0;
      tap_ += in_c_;
    }
    return sum;
  }

 private:
  int32_t level(int64_t number) const { return LevelReader(weights_, number).next(); }

  const ConvWeights& weights_;
  int32_t group_, in_c_, lookups_, filler_;
  int64_t tap_;
  int32_t j_ = 0;
};

}  // namespace

int32_t lut_filler_code(const ConvWeights& weights) {
  const auto closer = [](int8_t a, int8_t b) { return magnitude(a) < magnitude(b); };
  const int8_t* end = weights.levels + weights.level_count;
  return static_cast<int32_t>(std::min_element(weights.levels, end, closer) - weights.levels);
}

int32_t lut_flush(const ConvShape& shape, const ConvWeights& weights, const LevelMap& input,
                  int32_t group) {
  if (shape.groups != 1 || weights.level_count > 4 || input.codes > 4) return 0;
  const int64_t span = int64_t{input.max_level} - input.min_level;
  const int64_t lookups =
      int64_t{shape.kernel_h} * shape.kernel_w * ((shape.in_c + group - 1) / group);
  int64_t longest = std::min<int64_t>(lookups, 65535);
  for (int32_t channel = 0; channel < shape.out_c; ++channel) {
    // The window [tail, head] slides on; it never needs to be longer than the shortest proven.
    LookupWalk head(shape, weights, channel, group), tail(shape, weights, channel, group);
    int64_t sum = 0, size = 0;
    for (int64_t i = 0; i < lookups; ++i) {
      sum += head.next() * span;
      for (++size; size > longest || sum > 255; --size) {
        if (sum > 255) longest = size - 1;
        sum -= tail.next() * span;
      }
    }
  }
  return static_cast<int32_t>(longest);
}

}  // namespace weq::kernels
