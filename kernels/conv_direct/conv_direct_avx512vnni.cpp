// Direct convolution by vpdpbusd: unsigned bytes times signed weights, summed in 32 bits without
// saturation. A tile of up to 6 pixels by 4 vectors keeps all its sums in registers; neither side
// is packed for it, a pointer per pixel is enough.
#include <immintrin.h>

#include <array>
#include <cstring>
#include <utility>

#include "kernels/conv_direct/direct.h"

namespace weq::kernels {
namespace {

constexpr DirectLayout kLayout = DirectLayout::kBlockBytes;

// In place: the compiler copies accumulators around the intrinsic.
inline void dot(__m512i& sum, __m512i bytes, __m512i weights) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(bytes), "v"(weights));
}

inline __m512i four_bytes(const uint8_t* from) {
  int32_t quad;
  std::memcpy(&quad, from, sizeof(quad));
  return _mm512_set1_epi32(quad);
}

template <size_t kVectors, size_t... kV>
inline void pixel(__m512i* sums, const uint8_t* from, const __m512i* weights,
                  std::index_sequence<kV...>) {
  const __m512i bytes = four_bytes(from);
  (dot(sums[kV], bytes, weights[kV]), ...);
}

template <size_t kVectors, size_t... kR, size_t... kV, size_t... kSum>
inline void sum_pixels(const DirectTile& tile, const uint8_t* const* pixels, int32_t* acc,
                       std::index_sequence<kR...>, std::index_sequence<kV...> vectors,
                       std::index_sequence<kSum...>) {
  __m512i sums[] = {_mm512_loadu_si512(tile.start + 16 * (kSum % kVectors))...};
  const int8_t* weights = tile.weights;
  const Segments& segments = tile.segments;
  const uint8_t* segment = pixels[0];
  int32_t x = 0;
  for (int32_t i = 0; i < segments.count(); ++i) {
    // The first pixel's pointer runs, the others keep their distance: few registers in the loop.
    const uint8_t* from = segment;
    const uint8_t* const end = from + ptrdiff_t{segments.quads} * 4;
    const ptrdiff_t distance[] = {(pixels[kR] - pixels[0])...};
    for (; from != end; from += 4) {
      const __m512i quad[] = {_mm512_load_si512(weights + 64 * kV)...};
      (pixel<kVectors>(sums + kR * kVectors, from + distance[kR], quad, vectors), ...);
      weights += 64 * kVectors;
    }
    segment += tile.col_step;
    if (++x == segments.cols) {
      x = 0;
      segment += tile.row_step - segments.cols * tile.col_step;
    }
  }
  (_mm512_storeu_si512(acc + 16 * kSum, sums[kSum]), ...);
}

template <size_t kRows, size_t kVectors>
__attribute__((noinline)) void sum_rows(const DirectTile& tile, const uint8_t* const* pixels,
                                        int32_t* acc) {
  sum_pixels<kVectors>(tile, pixels, acc, std::make_index_sequence<kRows>(),
                       std::make_index_sequence<kVectors>(),
                       std::make_index_sequence<kRows * kVectors>());
}

using SumRows = void (*)(const DirectTile&, const uint8_t* const*, int32_t*);

template <size_t kVectors, size_t... kR>
constexpr std::array<SumRows, sizeof...(kR)> row_counts(std::index_sequence<kR...>) {
  return {sum_rows<kR + 1, kVectors>...};
}

// Most pixels that leave registers for the weights and one broadcast.
constexpr int32_t kMaxRows[4] = {8, 8, 8, 6};
constexpr std::array<SumRows, 8> kSumRows[4] = {row_counts<1>(std::make_index_sequence<8>()),
                                                row_counts<2>(std::make_index_sequence<8>()),
                                                row_counts<3>(std::make_index_sequence<8>()),
                                                {}};
constexpr std::array<SumRows, 6> kSumRows4 = row_counts<4>(std::make_index_sequence<6>());

// Splits the rows into passes as equal as can be.
void run_tile(const DirectTile& tile, int32_t) {
  const int32_t most = kMaxRows[tile.vectors - 1];
  const int32_t passes = (tile.rows + most - 1) / most;
  const int32_t least = tile.rows / passes, longer = tile.rows % passes;
  const SumRows* const sums =
      tile.vectors == 4 ? kSumRows4.data() : kSumRows[tile.vectors - 1].data();
  int32_t row = 0;
  for (int32_t i = 0; i < passes; ++i) {
    const int32_t count = least + (i < longer);
    sums[count - 1](tile, tile.pixels + row, tile.acc + row * 16 * tile.vectors);
    row += count;
  }
}

double cost(const ConvProblem& problem) { return direct_cost(problem, kLayout, 62.5, 0.6); }
size_t packed_bytes(const ConvProblem& problem) { return direct_packed_bytes(problem, kLayout); }
void pack(const ConvProblem& problem, void* packed) { direct_pack(problem, kLayout, packed); }
int64_t items(const ConvProblem& problem) { return direct_items(problem, kLayout); }
void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
  direct_run(call, kLayout, begin, end, workspace, run_tile, 0);
}

}  // namespace

extern const ConvKernel conv_direct_avx512vnni;
const ConvKernel conv_direct_avx512vnni = {"direct_avx512vnni",
                                           "direct",
                                           Isa::kAvx512Vnni,
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
