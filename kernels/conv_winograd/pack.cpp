// Transformed weights and start values of a Winograd convolution.
#include <algorithm>
#include <cstring>

#include "kernels/conv/codes.h"
#include "kernels/conv_winograd/parts.h"
#include "kernels/conv_winograd/plan.h"

namespace weq::kernels {
namespace {

constexpr int32_t kBlock = 128;  // input channels at a time
constexpr int32_t kMostTaps = 25;
constexpr int32_t kMostPlanes = 49;  // bytes of U per input and output channel
using Levels = int8_t[kBlock];
using Words = int16_t[kBlock];

// One channel's share of U by planes, and its sums by position (strided: by plane).
struct Transformed {
  Levels planes[kMostPlanes];
  int64_t sums[kMostPlanes] = {};
};

// G applied to three lines; `outer` is 1, or 2 when doubled.
template <class T>
void weigh(const T* a, const T* b, const T* c, int32_t outer, Words to[4]) {
  for (int32_t i = 0; i < kBlock; ++i) {
    const int32_t ends = a[i] + c[i];
    to[0][i] = static_cast<int16_t>(outer * a[i]);
    to[1][i] = static_cast<int16_t>(ends + b[i]);
    to[2][i] = static_cast<int16_t>(ends - b[i]);
    to[3][i] = static_cast<int16_t>(outer * c[i]);
  }
}

void put(const Words& from, Levels* to) {
  for (int32_t i = 0; i < kBlock; ++i) (*to)[i] = static_cast<int8_t>(from[i]);
}

// As the sum of two bytes.
void put_halves(const Words& from, Levels* to) {
  for (int32_t i = 0; i < kBlock; ++i) {
    const int32_t half = from[i] >> 1;
    to[0][i] = static_cast<int8_t>(half);
    to[1][i] = static_cast<int8_t>(from[i] - half);
  }
}

int64_t sum_of(const Words& words, int32_t count) {
  int32_t sum = 0;
  for (int32_t i = 0; i < count; ++i) sum += words[i];
  return sum;
}

int32_t first_plane(const WinogradPlan& plan, int32_t position) {
  uint8_t planes[kWinogradMostRuns];
  plan.list_weights(position, planes);
  return planes[0];
}

// take(position, U) for each of the 16 positions of a 3x3 kernel.
template <class Take>
void weigh_square(const Levels taps[9], int32_t outer, const Take& take) {
  Words rows[3][4], places[4];
  for (int32_t y = 0; y < 3; ++y)
    weigh(taps[3 * y], taps[3 * y + 1], taps[3 * y + 2], outer, rows[y]);
  for (int32_t j = 0; j < 4; ++j) {
    weigh(rows[0][j], rows[1][j], rows[2][j], outer, places);
    for (int32_t i = 0; i < 4; ++i) take(4 * i + j, places[i]);
  }
}

void transform_square(const WinogradPlan& plan, const Levels taps[9], int32_t count, int32_t outer,
                      Transformed* to) {
  weigh_square(taps, outer, [&](int32_t position, const Words& u) {
    const int32_t plane = first_plane(plan, position);
    to->sums[position] += sum_of(u, count);
    if (plan.runs(position) == 2) {
      put_halves(u, to->planes + plane);
    } else {
      put(u, to->planes + plane);
    }
  });
}

// The 3x3 kernels in their order along both axes; those of two taps lack the last position.
void transform_five(const WinogradPlan& plan, const Levels taps[25], int32_t count, int32_t outer,
                    Transformed* to) {
  for (int32_t kernel = 0; kernel < 4; ++kernel) {
    const int32_t y = kernel / 2, x = kernel % 2;
    Levels part[9];
    winograd_part(taps, y, x, part);
    weigh_square(part, outer, [&](int32_t position, const Words& u) {
      const bool last_row = position / 4 == 3, last_col = position % 4 == 3;
      if ((last_row && y == 0) || (last_col && x == 0)) return;
      const int32_t run = (last_row ? 0 : y) * (last_col ? 1 : 2) + (last_col ? 0 : x);
      to->sums[position] += sum_of(u, count);
      put(u, to->planes + first_plane(plan, position) + run);
    });
  }
}

void transform_rows(const Levels taps[9], int32_t count, int32_t outer, Transformed* to) {
  Words places[4];
  for (int32_t y = 0; y < 3; ++y) {
    weigh(taps[3 * y], taps[3 * y + 1], taps[3 * y + 2], outer, places);
    for (int32_t j = 0; j < 4; ++j) {
      to->sums[j] += sum_of(places[j], count);
      put(places[j], to->planes + 3 * j + y);
    }
  }
}

// The taps of the planes along one axis.
template <class T>
void weigh_strided(const T* a, const T* b, const T* c, Words to[4]) {
  for (int32_t i = 0; i < kBlock; ++i) {
    to[0][i] = a[i];
    to[1][i] = b[i];
    to[2][i] = static_cast<int16_t>(a[i] + c[i]);
    to[3][i] = c[i];
  }
}

void transform_strided(const Levels taps[9], int32_t count, Transformed* to) {
  Words rows[3][4], places[4];
  for (int32_t y = 0; y < 3; ++y)
    weigh_strided(taps[3 * y], taps[3 * y + 1], taps[3 * y + 2], rows[y]);
  for (int32_t j = 0; j < 4; ++j) {
    weigh_strided(rows[0][j], rows[1][j], rows[2][j], places);
    for (int32_t i = 0; i < 4; ++i) {
      to->sums[4 * i + j] += sum_of(places[i], count);
      put(places[i], to->planes + 4 * i + j);
    }
  }
}

// What V holds beyond the transformed levels, along both axes or one; `terms`: pixels in a sum.
int64_t offset_of(const LevelMap& map, bool sum, int64_t terms) {
  return sum ? -terms * map.min_level : 128;
}

// A^T; its ends hold the factor that G lacks.
struct Outputs {
  explicit Outputs(int32_t outer) : ends(2 / outer), rows{{ends, 1, 1, 0}, {0, 1, -1, -ends}} {}
  int64_t ends, rows[2][4];
};

// Corner k of a square reaches output k with the factor +-ends^2, of a row with +-ends.
void starts_square(const LevelMap& map, const int64_t* sums, int32_t outer, int32_t* starts) {
  const Outputs out(outer);
  for (int32_t corner = 0; corner < 4; ++corner) {
    const int32_t a = corner / 2, b = corner % 2;
    int64_t extra = 0;
    for (int32_t p = 0; p < 16; ++p)
      extra += out.rows[a][p / 4] * out.rows[b][p % 4] * offset_of(map, p == 5, 4) * sums[p];
    starts[corner * kWinogradGroup] =
        static_cast<int32_t>((a == b ? -extra : extra) / (out.ends * out.ends));
  }
}

void starts_row(const LevelMap& map, const int64_t* sums, int32_t outer, int32_t* starts) {
  const Outputs out(outer);
  for (int32_t b = 0; b < 2; ++b) {
    int64_t extra = 0;
    for (int32_t j = 0; j < 4; ++j) extra += out.rows[b][j] * offset_of(map, j == 1, 2) * sums[j];
    starts[b * kWinogradGroup] = static_cast<int32_t>((b == 0 ? -extra : extra) / out.ends);
  }
}

// Output (a, b) sums lines 2 a to 2 a + 2 of planes, and so on; differences are stored plus 128.
void starts_strided(const LevelMap& map, const int64_t* sums, int32_t, int32_t* starts) {
  for (int32_t corner = 0; corner < 4; ++corner) {
    const int32_t a = corner / 2, b = corner % 2;
    int64_t extra = 0;
    for (int32_t i = 2 * a; i < 2 * a + 3; ++i) {
      for (int32_t j = 2 * b; j < 2 * b + 3; ++j)
        extra += (i % 3 == 0 || j % 3 == 0 ? 128 : map.offset) *
                 sums[4 * kWinogradStridedTap[i] + kWinogradStridedTap[j]];
    }
    starts[corner * kWinogradGroup] = static_cast<int32_t>(-extra);
  }
}

// Quads of one output channel, `vectors` * 64 bytes apart, planes one after the other.
void scatter(const WinogradPlan& plan, const Transformed& from, int32_t first_quad, int32_t count,
             int32_t vectors, int8_t* channel) {
  const int32_t quads = (count + 3) / 4;
  for (int32_t plane = 0; plane < plan.weight_planes; ++plane) {
    int8_t* to =
        channel + (size_t(plane) * size_t(plan.quads) + size_t(first_quad)) * size_t(vectors) * 64;
    for (int32_t q = 0; q < quads; ++q, to += vectors * 64)
      std::memcpy(to, from.planes[plane] + 4 * q, 4);
  }
}

}  // namespace

size_t winograd_packed_bytes(const ConvProblem& problem, WinogradForm form) {
  return WinogradPlan(problem.shape, form).packed_bytes();
}

void winograd_pack(const ConvProblem& problem, WinogradForm form, void* packed) {
  const ConvShape& s = problem.shape;
  const WinogradPlan plan(s, form);
  std::memset(packed, 0, plan.packed_bytes());
  const auto set_starts = form == WinogradForm::kStrided ? starts_strided
                          : form == WinogradForm::kRow   ? starts_row
                                                         : starts_square;
  const int32_t outer = winograd_doubled(problem, form) ? 2 : 1;
  const int64_t all_taps = s.kernel_h * s.kernel_w;
  const LevelUnpacker unpacker(problem.weights);
  for (int32_t o = 0; o < s.out_c; ++o) {
    uint8_t* const part =
        static_cast<uint8_t*>(packed) + size_t(o / plan.out_c) * plan.part_bytes();
    const int32_t in_part = o % plan.out_c;
    const int32_t group = in_part / kWinogradGroup, in_group = in_part % kWinogradGroup;
    const int32_t vectors = std::min(plan.vectors - 2 * group, 2);
    int8_t* channel = reinterpret_cast<int8_t*>(part + plan.start_bytes()) +
                      size_t(2 * group) * plan.vector_bytes() + 4 * in_group;
    Transformed transformed;
    for (int32_t c = 0; c < plan.in_c; c += kBlock) {
      const int32_t count = std::min(kBlock, plan.in_c - c);
      Levels taps[kMostTaps] = {};
      for (int64_t tap = 0; tap < all_taps; ++tap)
        unpacker.unpack((o * all_taps + tap) * plan.in_c + c, count, taps[tap]);
      if (form == WinogradForm::kStrided) {
        transform_strided(taps, count, &transformed);
      } else if (form == WinogradForm::kFive) {
        transform_five(plan, taps, count, outer, &transformed);
      } else if (form == WinogradForm::kRow) {
        transform_rows(taps, count, outer, &transformed);
      } else {
        transform_square(plan, taps, count, outer, &transformed);
      }
      scatter(plan, transformed, c / 4, count, vectors, channel);
    }
    int32_t* starts =
        reinterpret_cast<int32_t*>(part) + group * plan.corners() * kWinogradGroup + in_group;
    set_starts(*problem.input, transformed.sums, outer, starts);
  }
}

}  // namespace weq::kernels
