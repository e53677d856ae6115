// Direct convolution without VNNI, exact for every input. vpmaddubsw adds pairs of products in 16
// bits with saturation; ConvBounds::sum16_flush = F says how many of its results may be added up
// before they are widened (conv/bounds.h).
//   F >= 4  runs of at most F quads in 16 bits, then added to the 32-bit sums of the tile
//   F >= 1  every result widened at once
//   F = 0   16-bit operands and vpmaddwd, never out of range
#include <immintrin.h>

#include <cstring>
#include <utility>

#include "kernels/conv_direct/direct.h"

namespace weq::kernels {
namespace {

constexpr int32_t kPixels = 4;          // of a pass
constexpr int32_t kLeastNarrowRun = 4;  // shorter runs do not pay for the widening

inline __m256i load(const int8_t* from) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
}

// In place: the compiler adds into a copy and moves it back, at the price of two instructions.
inline void add16(__m256i& sum, __m256i x) { asm("vpaddw %1, %0, %0" : "+x"(sum) : "x"(x)); }
inline void add32(__m256i& sum, __m256i x) { asm("vpaddd %1, %0, %0" : "+x"(sum) : "x"(x)); }

inline __m256i ones() { return _mm256_set1_epi16(1); }

// The three ways to multiply a quad of a pixel by 8 channels' weights and to add the products.
struct NarrowProducts {
  static constexpr int32_t kQuadBytes = 64;  // of 16 channels
  using Quad = __m256i;
  static Quad quad(__m256i bytes) { return bytes; }
  static void add(__m256i& sum, const Quad& x, const int8_t* w) {
    add16(sum, _mm256_maddubs_epi16(x, load(w)));
  }
  static __m256i finish(__m256i sum) { return _mm256_madd_epi16(sum, ones()); }
};

struct WidenedProducts {
  static constexpr int32_t kQuadBytes = 64;
  using Quad = __m256i;
  static Quad quad(__m256i bytes) { return bytes; }
  static void add(__m256i& sum, const Quad& x, const int8_t* w) {
    add32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(x, load(w)), ones()));
  }
  static __m256i finish(__m256i sum) { return sum; }
};

struct WordProducts {
  static constexpr int32_t kQuadBytes = 128;
  struct Quad {
    __m256i even, odd;
  };
  static Quad quad(__m256i bytes) {
    return {_mm256_and_si256(bytes, _mm256_set1_epi16(0xff)), _mm256_srli_epi16(bytes, 8)};
  }
  static void add(__m256i& sum, const Quad& x, const int8_t* w) {
    add32(sum, _mm256_madd_epi16(x.even, load(w)));
    add32(sum, _mm256_madd_epi16(x.odd, load(w + 64)));
  }
  static __m256i finish(__m256i sum) { return sum; }
};

template <class Products>
inline void add_quad(__m256i* sums, const uint8_t* from, const int8_t* weights) {
  int32_t bytes;
  std::memcpy(&bytes, from, sizeof(bytes));
  const typename Products::Quad x = Products::quad(_mm256_set1_epi32(bytes));
  Products::add(sums[0], x, weights);
  Products::add(sums[1], x, weights + 32);
}

inline void add_to(int32_t* acc, __m256i sum) {
  auto* to = reinterpret_cast<__m256i*>(acc);
  _mm256_store_si256(to, _mm256_add_epi32(_mm256_load_si256(to), sum));
}

// One segment of kPixels pixels and 16 channels, added to acc[pixel * stride] in runs of `most`
// quads.
template <class Products, size_t... kP>
inline void add_segment(const uint8_t* const* pixels, const int8_t* weights, int32_t quads,
                        int32_t most, int32_t* acc, ptrdiff_t stride, std::index_sequence<kP...>) {
  const uint8_t* from[] = {pixels[kP]...};
  while (quads > 0) {
    const ptrdiff_t run = quads < most ? quads : most;
    __m256i sums[] = {((void)kP, _mm256_setzero_si256())..., ((void)kP, _mm256_setzero_si256())...};
    for (ptrdiff_t k = 0; k < 4 * run; k += 4) {
      (add_quad<Products>(sums + 2 * kP, from[kP] + k, weights), ...);
      weights += Products::kQuadBytes;
    }
    ((add_to(acc + ptrdiff_t{kP} * stride, Products::finish(sums[2 * kP])),
      add_to(acc + ptrdiff_t{kP} * stride + 8, Products::finish(sums[2 * kP + 1]))),
     ...);
    ((from[kP] += 4 * run), ...);
    quads -= static_cast<int32_t>(run);
  }
}

template <class Products, size_t kCount>
__attribute__((noinline)) void sum_pixels(const DirectTile& tile, const uint8_t* const* pixels,
                                          const int8_t* weights, int32_t most, int32_t* acc) {
  const Segments& segments = tile.segments;
  for (int32_t y = 0; y < segments.rows; ++y) {
    for (int32_t x = 0; x < segments.cols; ++x) {
      const ptrdiff_t first = y * tile.row_step + x * tile.col_step;
      const uint8_t* from[kCount];
      for (size_t p = 0; p < kCount; ++p) from[p] = pixels[p] + first;
      add_segment<Products>(from, weights, segments.quads, most, acc,
                            ptrdiff_t{kDirectVector} * tile.vectors,
                            std::make_index_sequence<kCount>());
      weights += ptrdiff_t{segments.quads} * Products::kQuadBytes;
    }
  }
}

// One vector of 16 channels after the other, so that its weights stay in the first-level cache.
template <class Products>
void run_tile(const DirectTile& tile, int32_t most) {
  const ptrdiff_t stride = ptrdiff_t{kDirectVector} * tile.vectors;
  for (int32_t r = 0; r < tile.rows; ++r) {
    std::memcpy(tile.acc + r * stride, tile.start, size_t(stride) * sizeof(int32_t));
  }
  for (int32_t v = 0; v < tile.vectors; ++v) {
    const int8_t* weights = tile.weights + v * tile.segments.total_quads() * Products::kQuadBytes;
    int32_t* acc = tile.acc + v * kDirectVector;
    int32_t r = 0;
    for (; r + kPixels <= tile.rows; r += kPixels) {
      sum_pixels<Products, kPixels>(tile, tile.pixels + r, weights, most, acc + r * stride);
    }
    for (; r < tile.rows; ++r) {
      sum_pixels<Products, 1>(tile, tile.pixels + r, weights, most, acc + r * stride);
    }
  }
  direct_requantize(tile);
}

DirectLayout layout_of(const ConvProblem& problem) {
  return problem.bounds.sum16_flush >= 1 ? DirectLayout::kVectorBytes : DirectLayout::kVectorWords;
}

double cost(const ConvProblem& problem) {
  const int32_t flush = problem.bounds.sum16_flush;
  const double rate = flush == 0 ? 26 : flush < kLeastNarrowRun ? 29 : 50.0 * flush / (flush + 1.2);
  return direct_cost(problem, layout_of(problem), rate, 1.2);
}
size_t packed_bytes(const ConvProblem& problem) {
  return direct_packed_bytes(problem, layout_of(problem));
}
void pack(const ConvProblem& problem, void* packed) {
  direct_pack(problem, layout_of(problem), packed);
}

int64_t items(const ConvProblem& problem) { return direct_items(problem, layout_of(problem)); }
void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
  const int32_t flush = call.problem->bounds.sum16_flush;
  const DirectLayout layout = layout_of(*call.problem);
  if (flush == 0) {
    direct_run(call, layout, begin, end, workspace, run_tile<WordProducts>, INT32_MAX);
  } else if (flush < kLeastNarrowRun) {
    direct_run(call, layout, begin, end, workspace, run_tile<WidenedProducts>, INT32_MAX);
  } else {
    direct_run(call, layout, begin, end, workspace, run_tile<NarrowProducts>, flush);
  }
}

}  // namespace

extern const ConvKernel conv_direct_avx2;
const ConvKernel conv_direct_avx2 = {"direct_avx2",
                                     "direct",
                                     Isa::kAvx2,
                                     direct_refuse,
                                     cost,
                                     packed_bytes,
                                     pack,
                                     border_bytes,
                                     border_items,
                                     border_gather,
                                     items,
                                     direct_workspace_bytes,
                                     run};

}  // namespace weq::kernels
