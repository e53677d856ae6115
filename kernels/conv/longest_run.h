// The longest run of steps whose sums stay within a limit, wherever the run begins: what bounds
// narrow accumulators. A step adds to up to four sums at once, 16-bit fields of one word, each at
// most kMostStep; sums of any run up to kLongest fit a field, so that differences of prefix sums
// never borrow from a neighbour.
#pragma once

#include <cstdint>

namespace weq::kernels {

class LongestRun {
 public:
  static constexpr int32_t kLongest = 64;
  static constexpr int32_t kMostStep = 511;  // kLongest * kMostStep < 2^15

  // `limit`: 0..32767.
  explicit LongestRun(int32_t limit)
      : excess_((0x7fff - static_cast<uint64_t>(limit)) * 0x0001000100010001u) {}

  // Starts a list of steps; runs do not reach across.
  void begin() {
    for (int32_t i = 0; i <= kLongest; ++i) sums_[i] = 0;
    next_ = kLongest;
  }
  void add(uint64_t step) {
    if (next_ == kLongest + kChunk) check();
    sums_[next_ + 1] = sums_[next_] + step;
    ++next_;
  }
  void end() { check(); }

  // Over all lists so far; 0 when one step alone exceeds the limit, kLongest at most.
  int32_t longest() const { return longest_; }

 private:
  static constexpr int32_t kChunk = 1024;

  void check() {
    while (longest_ > 0 && exceeded()) --longest_;
    for (int32_t i = 0; i <= kLongest; ++i) sums_[i] = sums_[next_ - kLongest + i];
    next_ = kLongest;
  }
  // True when a run of `longest_` that ends behind sums_[kLongest] exceeds the limit.
  bool exceeded() const {
    uint64_t high = 0;
    for (int32_t i = kLongest + 1; i <= next_; ++i) {
      high |= sums_[i] - sums_[i - longest_] + excess_;
    }
    return (high & 0x8000800080008000u) != 0;
  }

  uint64_t excess_;
  int32_t longest_ = kLongest, next_ = kLongest;
  // sums_[kLongest] is where the chunk begins; what lies before it belongs to earlier steps.
  uint64_t sums_[kLongest + kChunk + 1] = {};
};

}  // namespace weq::kernels
