// Tables of channel pairs: the four tables of 8 channels fill a register, one vpermb fetches the
// entries of 4 pairs for 16 outputs, and vpdpbusd against ones adds them up in 32 bits: 128
// products for two instructions, or for one and a half where two lookups fit a byte.
#include <immintrin.h>

#include <array>
#include <cstring>
#include <utility>

#include "kernels/conv/avx512_dot.h"
#include "kernels/conv_lut/pairs.h"

namespace weq::kernels {
namespace {

constexpr int32_t kVector = 16;  // output channels of a vector, 4 indices each

// In place, as in avx512_dot.h.
inline void add8(__m512i& sum, __m512i a) { asm("vpaddb %1, %0, %0" : "+v"(sum) : "v"(a)); }

// Adds kTogether lookups of a pixel and a vector. `weights` of lookup n lie kVectors apart.
template <size_t kVectors, size_t kTogether>
inline void look_up(__m512i& sum, const __m512i* weights, const __m512i* tables, __m512i ones) {
  __m512i bytes = _mm512_permutexvar_epi8(weights[0], tables[0]);
  if constexpr (kTogether == 2) {
    add8(bytes, _mm512_permutexvar_epi8(weights[kVectors], tables[1]));
  }
  dot(sum, bytes, ones);
}

template <size_t kVectors, size_t... kV, size_t... kN>
inline void sum_pixel(__m512i* sums, const uint8_t* from, const __m512i* weights, __m512i ones,
                      std::index_sequence<kV...>, std::index_sequence<kN...>) {
  const __m512i tables[] = {_mm512_load_si512(from + kPairTableBytes * kN)...};
  (look_up<kVectors, sizeof...(kN)>(sums[kV], weights + kV, tables, ones), ...);
}

// kN: the lookups added together.
template <size_t... kP, size_t... kV, size_t... kW, size_t... kN>
inline void step(__m512i* sums, const uint8_t* from, const ptrdiff_t* distance,
                 const uint8_t* panel, __m512i ones, std::index_sequence<kP...>,
                 std::index_sequence<kV...> vectors, std::index_sequence<kW...>,
                 std::index_sequence<kN...> lookups) {
  constexpr size_t kVectors = sizeof...(kV);
  const __m512i weights[] = {_mm512_load_si512(panel + 64 * kW)...};
  (sum_pixel<kVectors>(sums + kP * kVectors, from + distance[kP], weights, ones, vectors, lookups),
   ...);
}

template <size_t kTogether, size_t... kP, size_t... kV, size_t... kSum>
inline void sum_pixels(const PairPass& pass, const uint8_t* const* windows, int32_t* acc,
                       std::index_sequence<kP...> pixels, std::index_sequence<kV...> vectors,
                       std::index_sequence<kSum...>) {
  constexpr size_t kVectors = sizeof...(kV);
  const bool first = pass.start != nullptr;
  const int32_t* from = first ? pass.start : acc;
  const size_t row = first ? 0 : kPairBlock;
  __m512i sums[] = {_mm512_load_si512(from + kSum / kVectors * row + 16 * (kSum % kVectors))...};
  const __m512i ones = _mm512_set1_epi8(1);
  const uint8_t* panel = pass.panel;
  // The first pixel's pointer runs, the others keep their distance: few registers in the loop.
  const ptrdiff_t distance[] = {(windows[kP] - windows[0])...};
  for (int32_t s = 0; s < pass.segment_count; ++s) {
    const uint8_t* tables = windows[0] + pass.segments[s] + ptrdiff_t{pass.begin} * 64;
    int32_t left = pass.end - pass.begin;
    if constexpr (kTogether == 2) {
      for (; left >= 2; left -= 2) {
        step(sums, tables, distance, panel, ones, pixels, vectors,
             std::make_index_sequence<2 * kVectors>(), std::make_index_sequence<2>());
        tables += 128;
        panel += 128 * kVectors;
      }
    }
    for (; left > 0; --left) {
      step(sums, tables, distance, panel, ones, pixels, vectors, vectors,
           std::make_index_sequence<1>());
      tables += 64;
      panel += 64 * kVectors;
    }
  }
  (_mm512_store_si512(acc + kSum / kVectors * kPairBlock + 16 * (kSum % kVectors), sums[kSum]),
   ...);
}

template <size_t kTogether, size_t kPixels, size_t kVectors>
__attribute__((noinline)) void sum_tile(const PairPass& pass, const uint8_t* const* windows,
                                        int32_t* acc) {
  sum_pixels<kTogether>(pass, windows, acc, std::make_index_sequence<kPixels>(),
                        std::make_index_sequence<kVectors>(),
                        std::make_index_sequence<kPixels * kVectors>());
}

constexpr int32_t kMostPixels = 4;
using SumTile = void (*)(const PairPass&, const uint8_t* const*, int32_t*);
using PixelCounts = std::array<SumTile, kMostPixels>;
template <size_t kTogether, size_t kVectors>
constexpr PixelCounts kPixelCounts = {
    sum_tile<kTogether, 1, kVectors>, sum_tile<kTogether, 2, kVectors>,
    sum_tile<kTogether, 3, kVectors>, sum_tile<kTogether, 4, kVectors>};
constexpr PixelCounts kSumTile[2][4] = {
    {kPixelCounts<1, 1>, kPixelCounts<1, 2>, kPixelCounts<1, 3>, kPixelCounts<1, 4>},
    {kPixelCounts<2, 1>, kPixelCounts<2, 2>, kPixelCounts<2, 3>, kPixelCounts<2, 4>}};

// Splits the pixels into tiles as equal as can be.
void sum(const PairPass& pass, const uint8_t* const* windows, int32_t pixels, int32_t* sums) {
  const PixelCounts& tiles =
      kSumTile[pass.together > 1][(pass.channels + kVector - 1) / kVector - 1];
  const int32_t passes = (pixels + kMostPixels - 1) / kMostPixels;
  const int32_t least = pixels / passes, longer = pixels % passes;
  int32_t pixel = 0;
  for (int32_t i = 0; i < passes; ++i) {
    const int32_t count = least + (i < longer);
    tiles[size_t(count - 1)](pass, windows + pixel, sums + pixel * kPairBlock);
    pixel += count;
  }
}

// Lane p of a register holds the table of pair p.
void make_tables(const PairConstants& constants, const uint8_t* from, ptrdiff_t step, int32_t in_c,
                 uint8_t missing, int32_t pixels, uint8_t* tables) {
  const __m512i low = _mm512_loadu_si512(constants.low);
  const __m512i high = _mm512_loadu_si512(constants.high);
  const __m512i bias = _mm512_loadu_si512(constants.bias);
  const __m512i spread = _mm512_inserti64x4(
      _mm512_castsi256_si512(_mm256_set_m128i(_mm_set1_epi16(0x0302), _mm_set1_epi16(0x0100))),
      _mm256_set_m128i(_mm_set1_epi16(0x0706), _mm_set1_epi16(0x0504)), 1);
  const __m512i even = _mm512_set1_epi16(0x00FF);
  const auto table = [&](uint64_t bytes) {
    const __m512i pairs =
        _mm512_shuffle_epi8(_mm512_set1_epi64(static_cast<int64_t>(bytes)), spread);
    const __m512i high_bytes = _mm512_slli_epi16(_mm512_maddubs_epi16(pairs, high), 8);
    const __m512i sums =  // low bytes of one, high bytes of the other
        _mm512_ternarylogic_epi32(_mm512_maddubs_epi16(pairs, low), high_bytes, even, 0xE4);
    return _mm512_add_epi8(sums, bias);
  };
  const int32_t whole = in_c / kPairChannels, rest = in_c % kPairChannels;
  for (int32_t x = 0; x < pixels; ++x, from += step) {
    for (int32_t j = 0; j < whole; ++j, tables += 64) {
      uint64_t bytes;
      std::memcpy(&bytes, from + ptrdiff_t{j} * kPairChannels, sizeof(bytes));
      _mm512_store_si512(tables, table(bytes));
    }
    if (rest != 0) {
      uint64_t bytes = missing * UINT64_C(0x0101010101010101);
      std::memcpy(&bytes, from + ptrdiff_t{whole} * kPairChannels, size_t(rest));
      _mm512_store_si512(tables, table(bytes));
      tables += 64;
    }
  }
}

// [vector][channel][pair]
size_t place(int32_t, int32_t channel, int32_t pair) { return size_t(channel * 4 + pair); }
uint8_t base(int32_t pair) { return static_cast<uint8_t>(pair << 4); }

constexpr PairOps kOps = {make_tables, sum, place, base, kVector};
constexpr PairCycles kCycles = {3.6, {1.46, 1.34, 1.34}, 3.4, 0.35};

double cost(const ConvProblem& problem) { return pair_cost(problem, kOps, kCycles); }
size_t packed_bytes(const ConvProblem& problem) { return pair_packed_bytes(problem, kOps); }
void pack(const ConvProblem& problem, void* packed) { pair_pack(problem, kOps, packed); }
void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
  pair_run(call, kOps, begin, end, workspace);
}

}  // namespace

extern const ConvKernel conv_lut_pairs_avx512vbmi;
const ConvKernel conv_lut_pairs_avx512vbmi = {"lut_pairs_avx512vbmi",
                                              "lut",
                                              Isa::kAvx512Vbmi,
                                              pair_refuse,
                                              cost,
                                              packed_bytes,
                                              pack,
                                              no_gather_bytes,
                                              no_gather_items,
                                              no_gather,
                                              pair_items,
                                              pair_workspace_bytes,
                                              run};

}  // namespace weq::kernels
