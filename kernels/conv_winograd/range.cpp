#include "kernels/conv_winograd/range.h"

#include <algorithm>

#include "kernels/conv/codes.h"
#include "kernels/conv_winograd/parts.h"

namespace weq::kernels {
namespace {

constexpr int32_t kBlock = 128;  // input channels at a time
using Levels = int8_t[kBlock];
using Words = int16_t[kBlock];

// Rows of G without their factors: (1,0,0), (1,1,1), (1,-1,1), (1,2,4), (1,-2,4), (0,0,1).
constexpr int32_t kRows = 6;
template <int32_t kRow, class T>
inline int16_t weigh(T a, T b, T c) {
  switch (kRow) {
    case 0:
      return a;
    case 1:
      return static_cast<int16_t>(a + b + c);
    case 2:
      return static_cast<int16_t>(a - b + c);
    case 3:
      return static_cast<int16_t>(a + 2 * b + 4 * c);
    case 4:
      return static_cast<int16_t>(a - 2 * b + 4 * c);
    default:
      return c;
  }
}

// Factors of the rows of G24: the outer ones, -4 for the sums, 1 for points +-2.
constexpr int32_t kFactor[kRows] = {6, 4, 4, 1, 1, 24};

template <int32_t kRow>
void weigh_all(const Levels& a, const Levels& b, const Levels& c, int16_t* to) {
  for (int32_t i = 0; i < kBlock; ++i) to[i] = weigh<kRow>(a[i], b[i], c[i]);
}

int16_t larger(int16_t most, int16_t v) {
  const auto negative = static_cast<int16_t>(-v);
  const int16_t magnitude = v > negative ? v : negative;
  return most > magnitude ? most : magnitude;
}

template <int32_t kRow>
int32_t largest(const Words& a, const Words& b, const Words& c) {
  int16_t most = 0;
  for (int32_t i = 0; i < kBlock; ++i) most = larger(most, weigh<kRow>(a[i], b[i], c[i]));
  return most;
}

// lines[y][j]: row y of the kernel under row j of G.
void weigh_row(const Levels taps[3], Words lines[kRows]) {
  weigh_all<0>(taps[0], taps[1], taps[2], lines[0]);
  weigh_all<1>(taps[0], taps[1], taps[2], lines[1]);
  weigh_all<2>(taps[0], taps[1], taps[2], lines[2]);
  weigh_all<3>(taps[0], taps[1], taps[2], lines[3]);
  weigh_all<4>(taps[0], taps[1], taps[2], lines[4]);
  weigh_all<5>(taps[0], taps[1], taps[2], lines[5]);
}

// The largest magnitude of up to kBlock input channels at each place (i, j) of the transform, and
// of the middle row and column under the sums, which the places do not show.
struct Largest {
  int32_t place[kRows][kRows] = {};
  int32_t middle = 0;

  void add(const Levels taps[9]) {
    Words lines[3][kRows], column[3];
    for (int32_t y = 0; y < 3; ++y) {
      weigh_row(taps + 3 * y, lines[y]);
      weigh_all<0>(taps[3 * y + 1], taps[0], taps[0], column[y]);
    }
    for (int32_t j = 0; j < kRows; ++j) add_place(lines[0][j], lines[1][j], lines[2][j], j);
    raise(largest<0>(lines[1][1], column[0], column[0]), &middle);
    raise(largest<0>(lines[1][2], column[0], column[0]), &middle);
    raise(largest<1>(column[0], column[1], column[2]), &middle);
    raise(largest<2>(column[0], column[1], column[2]), &middle);
  }

 private:
  static void raise(int32_t value, int32_t* most) { *most = std::max(*most, value); }
  void add_place(const Words& a, const Words& b, const Words& c, int32_t j) {
    raise(largest<0>(a, b, c), &place[0][j]);
    raise(largest<1>(a, b, c), &place[1][j]);
    raise(largest<2>(a, b, c), &place[2][j]);
    raise(largest<3>(a, b, c), &place[3][j]);
    raise(largest<4>(a, b, c), &place[4][j]);
    raise(largest<5>(a, b, c), &place[5][j]);
  }
};

bool has_shape(const ConvShape& s, int32_t kernel) {
  return s.kernel_h == kernel && s.kernel_w == kernel && s.stride_h == 1 && s.stride_w == 1 &&
         s.dilation_h == 1 && s.dilation_w == 1 && has_winograd_groups(s);
}

}  // namespace

bool is_winograd_shape(const ConvShape& s) { return has_shape(s, 3); }
bool is_winograd5_shape(const ConvShape& s) { return has_shape(s, 5); }

WinogradRange winograd_range(const ConvShape& shape, const ConvWeights& weights) {
  WinogradRange range;
  const bool five = is_winograd5_shape(shape);
  if (!five && !is_winograd_shape(shape)) return range;
  const int64_t all_taps = five ? 25 : 9;
  const int32_t in_c = shape.in_c / shape.groups;
  const LevelUnpacker unpacker(weights);
  Largest largest;
  Levels taps[25] = {},
         part[9];  // channels past the end stay 0 or what came before: no new extreme
  for (int64_t o = 0; o < shape.out_c; ++o) {
    for (int32_t c = 0; c < in_c; c += kBlock) {
      const int64_t count = std::min(kBlock, in_c - c);
      for (int64_t tap = 0; tap < all_taps; ++tap)
        unpacker.unpack((o * all_taps + tap) * in_c + c, count, taps[tap]);
      if (!five) largest.add(taps);
      for (int32_t k = 0; five && k < 4; ++k) {
        winograd_part(taps, k / 2, k % 2, part);
        largest.add(part);
      }
    }
  }
  for (int32_t i = 0; i < kRows; ++i) {
    for (int32_t j = 0; j < kRows; ++j) {
      const bool sum_y = i == 1 || i == 2, sum_x = j == 1 || j == 2;
      const bool outer_y = i == 0 || i == 5, outer_x = j == 0 || j == 5;
      const int32_t most = largest.place[i][j];
      if (sum_y && sum_x) range.centre = std::max(range.centre, most);
      if ((sum_y && outer_x) || (outer_y && sum_x)) range.line = std::max(range.line, most);
      if (!five) range.f4_scaled = std::max(range.f4_scaled, kFactor[i] * kFactor[j] * most);
    }
  }
  range.line = std::max(range.line, largest.middle);
  return range;
}

}  // namespace weq::kernels
