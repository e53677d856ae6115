// Products of transformed bytes by vpdpbusd.
//
// 8 tiles by 2 vectors of sums stay in registers. 14 would fit, but the stores of a tile then fill
// the core's queues and hold up the next products (Zen 4). The loop must hold no stack reference,
// which g++ 12 grants only with in-place asm.
#include <immintrin.h>

#include <array>
#include <utility>

#include "kernels/conv/avx512_dot.h"
#include "kernels/conv_winograd/winograd.h"

namespace weq::kernels {
namespace {

// On Zen 4 a 512-bit store holds up vpdpbusd for two cycles, two 256-bit ones hardly do.
inline void store_halves(int32_t* to, __m512i sum) {
  _mm256_store_si256(reinterpret_cast<__m256i*>(to), _mm512_castsi512_si256(sum));
  _mm256_store_si256(reinterpret_cast<__m256i*>(to + 8), _mm512_extracti64x4_epi64(sum, 1));
}

template <size_t... kV>
inline void tile(__m512i* sums, const uint8_t* from, const __m512i* weights,
                 std::index_sequence<kV...>) {
  const __m512i bytes = four_bytes(from);
  (dot(sums[kV], bytes, weights[kV]), ...);
}

template <size_t kVectors, size_t... kT, size_t... kV, size_t... kSum>
inline void multiply_all(const WinogradProduct& p, std::index_sequence<kT...>,
                         std::index_sequence<kV...> vectors, std::index_sequence<kSum...>) {
  __m512i sums[] = {_mm512_load_si512(p.start + 16 * (kSum % kVectors))...};
  const int8_t* weights = p.weights;
  for (int32_t run = 0;;) {
    const uint8_t* chunk = p.bytes + p.terms[run];
    for (int32_t left = p.quads; left > 0; left -= 16, chunk += p.chunk_step) {
      const uint8_t* from = chunk;
      const uint8_t* const end = from + 4 * (left < 16 ? left : 16);
      for (; from != end; from += 4) {
        const __m512i quad[] = {_mm512_load_si512(weights + 64 * kV)...};
        (tile(sums + kT * kVectors, from + kWinogradChunk * kT, quad, vectors), ...);
        weights += 64 * kVectors;
      }
    }
    if (++run == p.runs) break;
    weights = p.weights + (p.planes[run] - p.planes[0]) * p.plane_bytes;
  }
  int32_t* const to = p.sums;
  (store_halves(to + kSum / kVectors * kWinogradGroup + kSum % kVectors * 16, sums[kSum]), ...);
}

template <size_t kTiles, size_t kVectors>
__attribute__((noinline)) void multiply_tiles(const WinogradProduct& product) {
  multiply_all<kVectors>(product, std::make_index_sequence<kTiles>(),
                         std::make_index_sequence<kVectors>(),
                         std::make_index_sequence<kTiles * kVectors>());
}

using Multiply = void (*)(const WinogradProduct&);
template <size_t kVectors, size_t... kT>
constexpr std::array<Multiply, sizeof...(kT)> tile_counts(std::index_sequence<kT...>) {
  return {multiply_tiles<kT + 1, kVectors>...};
}
constexpr std::array<Multiply, kWinogradTiles> kMultiply[2] = {
    tile_counts<1>(std::make_index_sequence<kWinogradTiles>()),
    tile_counts<2>(std::make_index_sequence<kWinogradTiles>())};

void product(const WinogradProduct& p) { kMultiply[p.vectors - 1][size_t(p.tiles - 1)](p); }

}  // namespace
}  // namespace weq::kernels
