// F(4x4,3x3) in 16 bits over the vectors of the including file, which defines in an anonymous
// namespace:
//   kGroup                       output channels at once: as many as a vector has words
//   Words, Longs, SignedLongs    vectors of 16- and 32-bit integers
//   widen                        a vector of words from stored bytes or levels
//   add_products                 two vectors of sums plus products with a pair, in place
//   kMostTiles                   tiles whose sums fit the registers
//   kMacsPerCycle                of a loop of add_products
#include "kernels/conv_winograd/winograd4_lines.h"

namespace weq::kernels {
namespace {

constexpr ptrdiff_t kLongs = kGroup / 2;  // of a vector

void input(const uint8_t* const* pixels, int32_t channels, int16_t* v, ptrdiff_t row) {
  for (ptrdiff_t c = 0; c < channels; c += kGroup) {
    Words columns[6][6];  // [row of B^T d][column]
    for (int x = 0; x < 6; ++x) {
      Words d[6], to[6];
#pragma GCC unroll 6
      for (int y = 0; y < 6; ++y) d[y] = widen(pixels[6 * y + x] + c);
      winograd4_input_line(d, to);
#pragma GCC unroll 6
      for (int y = 0; y < 6; ++y) columns[y][x] = to[y];
    }
    for (int y = 0; y < 6; ++y) {
      Words to[6];
      winograd4_input_line(columns[y], to);
#pragma GCC unroll 6
      for (int x = 0; x < 6; ++x) *reinterpret_cast<Words*>(v + (6 * y + x) * row + c) = to[x];
    }
  }
}

// Row kRow of G times one column of taps.
template <int kRow>
inline Words weigh(const Words* w) {
  Words to[6];
  winograd4_weight_line(w, to);
  return to[kRow];
}

// One row of positions at a time: all of it in registers but the 9 taps.
template <int kRow>
inline void store_row(const Words (*w)[3], int16_t* u, ptrdiff_t u_step) {
  const Words line[3] = {weigh<kRow>(w[0]), weigh<kRow>(w[1]), weigh<kRow>(w[2])};
  Words to[6];
  winograd4_weight_line(line, to);
#pragma GCC unroll 6
  for (int x = 0; x < 6; ++x) *reinterpret_cast<Words*>(u + (6 * kRow + x) * u_step) = to[x];
}

void weights(const int8_t* levels, int32_t pairs, int16_t* u, ptrdiff_t u_step) {
  for (ptrdiff_t half = 0; half < 2 * ptrdiff_t{pairs}; ++half) {  // of the channels of a pair
    const int8_t* from = levels + half / 2 * 18 * kGroup + half % 2 * kGroup;
    Words w[3][3];  // [column][row]
#pragma GCC unroll 9
    for (int tap = 0; tap < 9; ++tap) w[tap % 3][tap / 3] = widen(from + tap * 2 * kGroup);
    int16_t* to = u + half * kGroup;
    store_row<0>(w, to, u_step);
    store_row<1>(w, to, u_step);
    store_row<2>(w, to, u_step);
    store_row<3>(w, to, u_step);
    store_row<4>(w, to, u_step);
    store_row<5>(w, to, u_step);
  }
}

// kTiles tiles of one position: sums[tile][kGroup], set or added to.
template <int kTiles>
__attribute__((noinline)) void multiply(const Winograd4Products& p, const int16_t* v,
                                        const int16_t* u, int32_t* sums) {
  const ptrdiff_t tile_step = kWinograd4Positions * p.row;
  Longs sum[kTiles][2];
#pragma GCC unroll 8
  for (int t = 0; t < kTiles; ++t) sum[t][0] = sum[t][1] = Longs{};
  if (!p.first) {
#pragma GCC unroll 8
    for (int t = 0; t < kTiles; ++t) {
      sum[t][0] = *reinterpret_cast<const Longs*>(sums + t * kGroup);
      sum[t][1] = *reinterpret_cast<const Longs*>(sums + t * kGroup + kLongs);
    }
  }
  const int16_t* const end = v + 2 * ptrdiff_t{p.pairs};
  for (; v != end; v += 2, u += 2 * kGroup) {
    const auto w0 = *reinterpret_cast<const Words*>(u);
    const auto w1 = *reinterpret_cast<const Words*>(u + kGroup);
#pragma GCC unroll 8
    for (int t = 0; t < kTiles; ++t) add_products(sum[t][0], sum[t][1], v + t * tile_step, w0, w1);
  }
#pragma GCC unroll 8
  for (int t = 0; t < kTiles; ++t) {
    *reinterpret_cast<Longs*>(sums + t * kGroup) = sum[t][0];
    *reinterpret_cast<Longs*>(sums + t * kGroup + kLongs) = sum[t][1];
  }
}

// 1 <= tiles <= kMost.
template <int kMost>
void multiply_some(int64_t tiles, const Winograd4Products& p, const int16_t* v, const int16_t* u,
                   int32_t* sums) {
  if (tiles == kMost) return multiply<kMost>(p, v, u, sums);
  if constexpr (kMost > 1) multiply_some<kMost - 1>(tiles, p, v, u, sums);
}

void products(const Winograd4Products& p) {
  const int32_t parts = (p.tiles + kMostTiles - 1) / kMostTiles;
  for (ptrdiff_t position = 0; position < kWinograd4Positions; ++position) {
    for (int32_t part = 0; part < parts; ++part) {
      const ptrdiff_t first = p.tiles * part / parts, end = p.tiles * (part + 1) / parts;
      multiply_some<kMostTiles>(
          end - first, p, p.v + (first * kWinograd4Positions + position) * p.row,
          p.u + position * p.u_step, p.sums + (position * p.tiles + first) * kGroup);
    }
  }
}

void output(const int32_t* sums, ptrdiff_t step, const int32_t* start, int32_t* acc,
            ptrdiff_t row) {
  for (ptrdiff_t c = 0; c < kGroup; c += kLongs) {
    Longs lines[4][6];  // [row of A^T M][column]
    for (int x = 0; x < 6; ++x) {
      Longs m[6], to[4];
#pragma GCC unroll 6
      for (int y = 0; y < 6; ++y)
        m[y] = *reinterpret_cast<const Longs*>(sums + (6 * y + x) * step + c);
      winograd4_output_line(m, to);
#pragma GCC unroll 4
      for (int y = 0; y < 4; ++y) lines[y][x] = to[y];
    }
    const auto first = *reinterpret_cast<const Longs*>(start + c);
#pragma GCC unroll 4
    for (int y = 0; y < 4; ++y) {
      Longs to[4];
      winograd4_output_line(lines[y], to);
#pragma GCC unroll 4
      for (int x = 0; x < 4; ++x) {
        const auto whole = reinterpret_cast<SignedLongs>(to[x] * kInverseOf9);
        const int shift = kWinograd4Shift[y] + kWinograd4Shift[x];
        *reinterpret_cast<Longs*>(acc + y * row + x * kGroup + c) =
            reinterpret_cast<Longs>(whole >> shift) + first;
      }
    }
  }
}

constexpr Winograd4Steps kSteps = {kGroup, input, weights, products, output};

double cost(const ConvProblem& problem) { return winograd4_cost(problem, kGroup, kMacsPerCycle); }
size_t packed_bytes(const ConvProblem& problem) { return winograd4_packed_bytes(problem, kGroup); }
void pack(const ConvProblem& problem, void* packed) { winograd4_pack(problem, kGroup, packed); }
size_t workspace_bytes(const ConvProblem& problem) {
  return winograd4_workspace_bytes(problem, kGroup);
}
void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
  winograd4_run(call, kSteps, begin, end, workspace);
}

constexpr ConvKernel winograd4_kernel(const char* name, Isa isa) {
  return {name,
          "winograd",
          isa,
          winograd4_refuse,
          cost,
          packed_bytes,
          pack,
          no_gather_bytes,
          no_gather_items,
          no_gather,
          winograd4_items,
          workspace_bytes,
          run};
}

}  // namespace
}  // namespace weq::kernels
