// Depthwise convolution without VNNI. Pairs of products fit 16 bits whenever
// 2 * max byte * max |Lw| <= 32767 (vpmaddubsw); otherwise 16-bit operands (vpmaddwd).
#include <immintrin.h>

#include <utility>

#include "kernels/conv_depthwise/depthwise.h"

namespace weq::kernels {
namespace {

constexpr int32_t kBlock = 32;  // channels

inline __m256i load(const void* from) {
  return _mm256_load_si256(static_cast<const __m256i*>(from));
}

// 32 channels, dwords ordered so that the unpacks below leave channels in order.
inline __m256i load_channels(const uint8_t* from) {
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7));
}

// Four rows of every column to quads: [column][channel][row].
void interleave(const uint8_t* const* rows, const DepthwiseStrips& strips, uint8_t* quads) {
  for (int32_t x = 0; x < strips.columns; ++x) {
    const ptrdiff_t at = x * strips.column;
    const __m256i a = load_channels(rows[0] + at), b = load_channels(rows[1] + at);
    const __m256i c = load_channels(rows[2] + at), d = load_channels(rows[3] + at);
    const __m256i ab_low = _mm256_unpacklo_epi8(a, b), ab_high = _mm256_unpackhi_epi8(a, b);
    const __m256i cd_low = _mm256_unpacklo_epi8(c, d), cd_high = _mm256_unpackhi_epi8(c, d);
    auto* to = reinterpret_cast<__m256i*>(quads);
    _mm256_store_si256(to, _mm256_unpacklo_epi16(ab_low, cd_low));
    _mm256_store_si256(to + 1, _mm256_unpackhi_epi16(ab_low, cd_low));
    _mm256_store_si256(to + 2, _mm256_unpacklo_epi16(ab_high, cd_high));
    _mm256_store_si256(to + 3, _mm256_unpackhi_epi16(ab_high, cd_high));
    quads += 4 * kBlock;
  }
}

inline void add32(__m256i& sum, __m256i x) { asm("vpaddd %1, %0, %0" : "+x"(sum) : "x"(x)); }

struct NarrowProducts {
  static constexpr ptrdiff_t kTapBytes = 4 * kBlock;
  struct Weights {
    __m256i bytes;
  };
  static Weights weights(const int8_t* from) { return {load(from)}; }
  static void add(__m256i& sum, __m256i x, const Weights& w) {
    add32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(x, w.bytes), _mm256_set1_epi16(1)));
  }
};

struct WordProducts {
  static constexpr ptrdiff_t kTapBytes = 8 * kBlock;
  struct Weights {
    __m256i even, odd;
  };
  static Weights weights(const int8_t* from) { return {load(from), load(from + 4 * kBlock)}; }
  static void add(__m256i& sum, __m256i x, const Weights& w) {
    add32(sum, _mm256_madd_epi16(_mm256_and_si256(x, _mm256_set1_epi16(0xff)), w.even));
    add32(sum, _mm256_madd_epi16(_mm256_srli_epi16(x, 8), w.odd));
  }
};

inline void store(int32_t* acc, __m256i sum) {
  _mm256_store_si256(reinterpret_cast<__m256i*>(acc), sum);
}

template <class Products, size_t... kS>
inline void add_quad(__m256i* sums, const uint8_t* quad, const typename Products::Weights* w,
                     std::index_sequence<kS...>) {
  const __m256i bytes = load(quad);
  (Products::add(sums[kS], bytes, w[kS]), ...);
}

// Pixels side by side and shifts of one vector of channels; quads, weights, start and acc point at
// its first channel, the latter at the first pixel and shift too.
template <class Products, size_t... kS, size_t... kP, size_t... kSum>
inline void sum_pixels(const DepthwiseStrips& strips, const uint8_t* quads, const int8_t* weights,
                       const int32_t* start, int32_t* acc, std::index_sequence<kS...> shifts,
                       std::index_sequence<kP...>, std::index_sequence<kSum...>) {
  constexpr size_t kShifts = sizeof...(kS);
  const __m256i first = load(start);
  __m256i sums[] = {((void)kSum, first)...};
  const ptrdiff_t pixel = ptrdiff_t{strips.stride_w} * 4 * kBlock;
  const ptrdiff_t tap = ptrdiff_t{strips.dilation_w} * 4 * kBlock;
  for (int32_t layer = 0; layer < strips.layers; ++layer) {
    const uint8_t* from = quads;
    for (int32_t x = 0; x < strips.kernel_w; ++x) {
      const typename Products::Weights w[] = {
          Products::weights(weights + kS * strips.shift_bytes)...};
      (add_quad<Products>(sums + kShifts * kP, from + ptrdiff_t{kP} * pixel, w, shifts), ...);
      from += tap;
      weights += Products::kTapBytes;
    }
    quads += ptrdiff_t{strips.columns} * 4 * kBlock;
  }
  const ptrdiff_t shift = ptrdiff_t{strips.pixels} * kBlock;
  (store(acc + ptrdiff_t{kSum % kShifts} * shift + ptrdiff_t{kSum / kShifts} * kBlock, sums[kSum]),
   ...);
}

template <class Products, size_t kShifts, size_t kPixels>
inline void sum_tile(const DepthwiseStrips& strips, int32_t channel, int32_t shift, int32_t pixel) {
  const ptrdiff_t at = ptrdiff_t{pixel} * strips.stride_w * kBlock + channel;
  const ptrdiff_t to = (ptrdiff_t{shift} * strips.pixels + pixel) * kBlock + channel;
  sum_pixels<Products>(
      strips, strips.quads + 4 * at, strips.weights + shift * strips.shift_bytes + 4 * channel,
      strips.start + channel, strips.acc + to, std::make_index_sequence<kShifts>(),
      std::make_index_sequence<kPixels>(), std::make_index_sequence<kShifts * kPixels>());
}

template <class Products, size_t kShifts, size_t kPixels>
__attribute__((noinline)) void sum_strip(const DepthwiseStrips& strips, int32_t channel,
                                         int32_t shift) {
  int32_t p = 0;
  for (; p + static_cast<int32_t>(kPixels) <= strips.pixels; p += kPixels) {
    sum_tile<Products, kShifts, kPixels>(strips, channel, shift, p);
  }
  for (; p + 2 <= strips.pixels; p += 2) {
    sum_tile<Products, kShifts, 2>(strips, channel, shift, p);
  }
  if (p < strips.pixels) sum_tile<Products, kShifts, 1>(strips, channel, shift, p);
}

template <class Products>
void sum_strips(const DepthwiseStrips& strips) {
  for (int32_t layer = 0; layer < strips.layers; ++layer) {
    const uint8_t* rows[4];
    for (int32_t i = 0; i < 4; ++i) {  // rows past the last have zero weights: any row will do
      const int32_t y = layer * 4 + i < strips.rows ? layer * 4 + i : strips.rows - 1;
      rows[i] = strips.input + y * strips.row_step;
    }
    interleave(rows, strips, strips.quads + ptrdiff_t{layer} * strips.columns * 4 * kBlock);
  }
  for (int32_t c = 0; c < strips.channels; c += 8) {
    int32_t shift = 0;
    for (; shift + 2 <= strips.shifts; shift += 2) sum_strip<Products, 2, 4>(strips, c, shift);
    if (shift < strips.shifts) sum_strip<Products, 1, 6>(strips, c, shift);
  }
}

DepthwiseLayout layout_of(const ConvProblem& problem) {
  const int64_t max_byte = int64_t{problem.input->max_level} + problem.input->offset;
  const bool narrow = 2 * max_byte * problem.bounds.max_abs_weight <= 32767;
  return narrow ? DepthwiseLayout::kBytes : DepthwiseLayout::kWords;
}

double cost(const ConvProblem& problem) {
  const double per_quad = layout_of(problem) == DepthwiseLayout::kBytes ? 5.0 : 8.0;
  return depthwise_cost(problem, kBlock, 10.0, per_quad, 0.8);
}
size_t packed_bytes(const ConvProblem& problem) {
  return depthwise_packed_bytes(problem, kBlock, layout_of(problem));
}
void pack(const ConvProblem& problem, void* packed) {
  depthwise_pack(problem, kBlock, layout_of(problem), packed);
}
int64_t items(const ConvProblem& problem) { return depthwise_items(problem, kBlock); }
size_t workspace_bytes(const ConvProblem& problem) {
  return depthwise_workspace_bytes(problem, kBlock);
}
void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
  const DepthwiseLayout layout = layout_of(*call.problem);
  depthwise_run(
      call, kBlock, layout, begin, end, workspace,
      layout == DepthwiseLayout::kBytes ? sum_strips<NarrowProducts> : sum_strips<WordProducts>);
}

}  // namespace

extern const ConvKernel conv_depthwise_avx2;
const ConvKernel conv_depthwise_avx2 = {"depthwise_avx2",
                                        "depthwise",
                                        Isa::kAvx2,
                                        depthwise_refuse,
                                        cost,
                                        packed_bytes,
                                        pack,
                                        border_bytes,
                                        border_items,
                                        border_gather,
                                        items,
                                        workspace_bytes,
                                        run};

}  // namespace weq::kernels
