// Reading packed weight codes (conv.h, ConvWeights). Never reads past ceil(count * bits / 8) bytes.
#pragma once

#include "kernels/conv/conv.h"

namespace weq::kernels {

// Walks the codes in canonical order from number `first`, one level at a time.
class LevelReader {
 public:
  LevelReader(const ConvWeights& weights, int64_t first)
      : levels_(weights.levels),
        byte_(weights.codes + first * weights.bits / 8),
        shift_(static_cast<int32_t>(first * weights.bits % 8)),
        bits_(weights.bits),
        mask_((1 << weights.bits) - 1) {}

  int8_t next() { return levels_[next_code()]; }

  int32_t next_code() {
    int32_t code = *byte_ >> shift_;
    const int32_t end = shift_ + bits_;
    if (end > 8) code |= byte_[1] << (8 - shift_);
    byte_ += end / 8;
    shift_ = end % 8;
    return code & mask_;
  }

 private:
  const int8_t* levels_;
  const uint8_t* byte_;
  int32_t shift_, bits_, mask_;
};

// Unpacks many codes fast: several levels a look-up. The weights must outlive it.
class LevelUnpacker {
 public:
  explicit LevelUnpacker(const ConvWeights& weights);
  // Levels of the codes first .. first + count - 1.
  void unpack(int64_t first, int64_t count, int8_t* levels) const;

 private:
  const ConvWeights& weights_;
  int32_t together_;  // codes of a look-up
  // The levels of each combination of `together_` codes, side by side.
  int8_t levels_[2048];
};

}  // namespace weq::kernels
