// The 3x3 kernels that make up a 5x5 one (winograd.h).
#pragma once

#include <cstdint>
#include <cstring>

namespace weq::kernels {

// Part (y, x), each 0 or 1: taps 0, 1 and none of an axis, or taps 2, 3, 4. A tap is kCount levels.
template <size_t kCount>
void winograd_part(const int8_t taps[25][kCount], int32_t y, int32_t x, int8_t part[9][kCount]) {
  for (int32_t tap = 0; tap < 9; ++tap) {
    const int32_t row = tap / 3, col = tap % 3;
    if ((y == 0 && row == 2) || (x == 0 && col == 2)) {
      std::memset(part[tap], 0, kCount);
    } else {
      std::memcpy(part[tap], taps[5 * (2 * y + row) + 2 * x + col], kCount);
    }
  }
}

}  // namespace weq::kernels
