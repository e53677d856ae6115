#include "kernels/conv_lut/flush.h"

#include <algorithm>

namespace weq::kernels {
namespace {

int32_t magnitude(int32_t level) { return level < 0 ? -level : level; }

// |Lw| of any weight. Reads codes by hand: LevelReader walks in order, lookups stride.
class Magnitudes {
 public:
  explicit Magnitudes(const ConvWeights& weights) : codes_(weights.codes), bits_(weights.bits) {
    for (int32_t k = 0; k < weights.level_count; ++k) of_code_[k] = magnitude(weights.levels[k]);
  }

  int32_t operator[](int64_t number) const {
    const int64_t bit = number * bits_;
    const uint8_t* byte = codes_ + (bit >> 3);
    const auto shift = static_cast<int32_t>(bit & 7);
    int32_t code = *byte >> shift;
    if (shift + bits_ > 8) code |= byte[1] << (8 - shift);
    return of_code_[code & ((1 << bits_) - 1) & 3];
  }

 private:
  const uint8_t* codes_;
  int32_t bits_;
  int32_t of_code_[4] = {};
};

// The sums of |Lw| of one channel's lookups, in lookup order.
class LookupWalk {
 public:
  LookupWalk(const ConvShape& shape, const Magnitudes& magnitudes, int32_t filler, int32_t channel,
             int32_t group)
      : magnitudes_(magnitudes),
        group_(group),
        in_c_(shape.in_c),
        lookups_((shape.in_c + group - 1) / group),
        filler_(filler),
        tap_(int64_t{channel} * shape.kernel_h * shape.kernel_w * shape.in_c) {}

  int32_t next() {
    int32_t sum = 0;
    for (int32_t i = 0, c = j_; i < group_; ++i, c += lookups_) {
      sum += c < in_c_ ? magnitudes_[tap_ + c] : filler_;
    }
    if (++j_ == lookups_) {
      j_ = 0;
      tap_ += in_c_;
    }
    return sum;
  }

 private:
  const Magnitudes& magnitudes_;
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
  const bool few = weights.level_count > 0 && weights.level_count <= 4 && input.codes <= 16;
  if (shape.groups != 1 || !few) return 0;
  const int64_t span = int64_t{input.max_level} - input.min_level;
  const int64_t lookups =
      int64_t{shape.kernel_h} * shape.kernel_w * ((shape.in_c + group - 1) / group);
  const Magnitudes magnitudes(weights);
  const int32_t filler = magnitude(weights.levels[lut_filler_code(weights)]);
  int64_t longest = std::min<int64_t>(lookups, 65535);
  for (int32_t channel = 0; channel < shape.out_c; ++channel) {
    // The window [tail, head] slides on; it never needs to be longer than the shortest proven.
    LookupWalk head(shape, magnitudes, filler, channel, group), tail = head;
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
