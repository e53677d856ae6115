// F(4x4,3x3) in 16 bits by vpmaddwd. The loop over products holds 12 sums, 2 weights and 2 others:
// all 16 registers.
#include <immintrin.h>

#include "kernels/conv_winograd/winograd4.h"
#include "kernels/conv_winograd/winograd4_lines.h"

namespace weq::kernels {
namespace {

constexpr int32_t kGroup = 16;
constexpr double kMacsPerCycle = 25.0;

using Words = int16_t __attribute__((vector_size(32)));
using Longs = int32_t __attribute__((vector_size(32)));
using Pair [[gnu::may_alias]] = int32_t;  // two 16-bit values

void input(const uint8_t* const* pixels, int32_t channels, int16_t* v, ptrdiff_t row) {
  for (ptrdiff_t c = 0; c < channels; c += 16) {
    Words columns[6][6];  // [row of B^T d][column]
    for (int x = 0; x < 6; ++x) {
      Words d[6], to[6];
#pragma GCC unroll 6
      for (int y = 0; y < 6; ++y) {
        const auto* from = reinterpret_cast<const __m128i*>(pixels[6 * y + x] + c);
        d[y] = reinterpret_cast<Words>(_mm256_cvtepu8_epi16(_mm_loadu_si128(from)));
      }
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
    const int8_t* from = levels + half / 2 * 18 * kGroup + half % 2 * 16;
    Words w[3][3];  // [column][row]
#pragma GCC unroll 9
    for (int i = 0; i < 9; ++i) {
      const auto* tap = reinterpret_cast<const __m128i*>(from + i * 2 * kGroup);
      w[i % 3][i / 3] = reinterpret_cast<Words>(_mm256_cvtepi8_epi16(_mm_load_si128(tap)));
    }
    int16_t* to = u + half * 16;
    store_row<0>(w, to, u_step);
    store_row<1>(w, to, u_step);
    store_row<2>(w, to, u_step);
    store_row<3>(w, to, u_step);
    store_row<4>(w, to, u_step);
    store_row<5>(w, to, u_step);
  }
}

// In place; the compiler alone would copy sums and run out of registers.
inline void add_products(__m256i& sum0, __m256i& sum1, const int16_t* v, __m256i w0, __m256i w1) {
  __m256i x, t;
  asm("vpbroadcastd %[v], %[x]\n\t"
      "vpmaddwd %[w0], %[x], %[t]\n\t"
      "vpmaddwd %[w1], %[x], %[x]\n\t"
      "vpaddd %[t], %[sum0], %[sum0]\n\t"
      "vpaddd %[x], %[sum1], %[sum1]"
      : [sum0] "+x"(sum0), [sum1] "+x"(sum1), [x] "=&x"(x), [t] "=&x"(t)
      : [v] "m"(*reinterpret_cast<const Pair*>(v)), [w0] "x"(w0), [w1] "x"(w1));
}

inline __m256i load(const int16_t* from) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
}

// kTiles tiles of one position: sums[tile][16], set or added to.
template <int kTiles>
__attribute__((noinline)) void multiply(const int16_t* v, ptrdiff_t tile_step, const int16_t* u,
                                        ptrdiff_t pairs, bool add, int32_t* sums) {
  __m256i sum[kTiles][2];
#pragma GCC unroll 6
  for (int t = 0; t < kTiles; ++t) sum[t][0] = sum[t][1] = _mm256_setzero_si256();
  if (add) {
#pragma GCC unroll 6
    for (int t = 0; t < kTiles; ++t) {
      const auto* from = reinterpret_cast<const __m256i*>(sums + t * kGroup);
      sum[t][0] = _mm256_load_si256(from);
      sum[t][1] = _mm256_load_si256(from + 1);
    }
  }
  for (ptrdiff_t k = 0; k < pairs; ++k) {
    const __m256i w0 = load(u), w1 = load(u + 16);
    u += 2 * kGroup;
#pragma GCC unroll 6
    for (int t = 0; t < kTiles; ++t)
      add_products(sum[t][0], sum[t][1], v + t * tile_step + 2 * k, w0, w1);
  }
#pragma GCC unroll 6
  for (int t = 0; t < kTiles; ++t) {
    auto* to = reinterpret_cast<__m256i*>(sums + t * kGroup);
    _mm256_store_si256(to, sum[t][0]);
    _mm256_store_si256(to + 1, sum[t][1]);
  }
}

using Multiply = void (*)(const int16_t*, ptrdiff_t, const int16_t*, ptrdiff_t, bool, int32_t*);
constexpr int32_t kMostTiles = 6;
constexpr Multiply kMultiply[kMostTiles + 1] = {nullptr,     multiply<1>, multiply<2>, multiply<3>,
                                                multiply<4>, multiply<5>, multiply<6>};

void products(const Winograd4Products& p) {
  const ptrdiff_t tile_step = kWinograd4Positions * p.row;
  const int32_t parts = (p.tiles + kMostTiles - 1) / kMostTiles;
  const int16_t* u = p.u;
  int32_t* sums = p.sums;
  for (ptrdiff_t position = 0; position < kWinograd4Positions; ++position) {
    for (int32_t part = 0; part < parts; ++part) {
      const ptrdiff_t first = p.tiles * part / parts, end = p.tiles * (part + 1) / parts;
      kMultiply[end - first](p.v + position * p.row + first * tile_step, tile_step, u, p.pairs,
                             !p.first, sums + first * kGroup);
    }
    u += p.u_step;
    sums += ptrdiff_t{p.tiles} * kGroup;
  }
}

void output(const int32_t* sums, ptrdiff_t step, const int32_t* start, int32_t* acc,
            ptrdiff_t row) {
  const __m256i inverse = _mm256_set1_epi32(static_cast<int32_t>(kInverseOf9));
  for (ptrdiff_t c = 0; c < kGroup; c += 8) {
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
        const __m256i whole = _mm256_mullo_epi32(reinterpret_cast<__m256i>(to[x]), inverse);
        const int shift = kWinograd4Shift[y] + kWinograd4Shift[x];
        *reinterpret_cast<Longs*>(acc + y * row + x * kGroup + c) =
            reinterpret_cast<Longs>(_mm256_srai_epi32(whole, shift)) + first;
      }
    }
  }
}

constexpr Winograd4Steps kSteps = {kGroup, input, weights, products, output};

double cost(const ConvProblem& problem) { return winograd4_cost(problem, kGroup, kMacsPerCycle); }
size_t packed_bytes(const ConvProblem& problem) { return winograd4_packed_bytes(problem, kGroup); }
void pack(const ConvProblem& problem, void* packed) { winograd4_pack(problem, kGroup, packed); }
size_t no_bytes(const ConvProblem&) { return 0; }
int64_t no_items(const ConvProblem&) { return 0; }
void no_gather(const ConvCall&, int64_t, int64_t) {}
size_t workspace_bytes(const ConvProblem& problem) {
  return winograd4_workspace_bytes(problem, kGroup);
}
void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
  winograd4_run(call, kSteps, begin, end, workspace);
}

}  // namespace

extern const ConvKernel conv_winograd4_avx2;
const ConvKernel conv_winograd4_avx2 = {"winograd4_avx2",
                                        "winograd",
                                        Isa::kAvx2,
                                        winograd4_refuse,
                                        cost,
                                        packed_bytes,
                                        pack,
                                        no_bytes,
                                        no_items,
                                        no_gather,
                                        winograd4_items,
                                        workspace_bytes,
                                        run};

}  // namespace weq::kernels
