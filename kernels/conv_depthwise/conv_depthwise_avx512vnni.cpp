// Depthwise convolution by vpdpbusd: four kernel rows of a channel in one 32-bit lane.
#include <immintrin.h>

#include <utility>

#include "kernels/conv/avx512_dot.h"
#include "kernels/conv_depthwise/depthwise.h"

namespace weq::kernels {
namespace {

constexpr int32_t kBlock = 64;  // channels
constexpr DepthwiseLayout kLayout = DepthwiseLayout::kBytes;

// 64 channels, dwords transposed so that the unpacks below leave channels in order.
inline __m512i load_channels(const uint8_t* from) {
  const __m512i transpose = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(transpose, _mm512_loadu_si512(from));
}

// Four rows of every column to quads: [column][channel][row].
void interleave(const uint8_t* const* rows, const DepthwiseStrips& strips, uint8_t* quads) {
  for (int32_t x = 0; x < strips.columns; ++x) {
    const ptrdiff_t at = x * strips.column;
    const __m512i a = load_channels(rows[0] + at), b = load_channels(rows[1] + at);
    const __m512i c = load_channels(rows[2] + at), d = load_channels(rows[3] + at);
    const __m512i ab_low = _mm512_unpacklo_epi8(a, b), ab_high = _mm512_unpackhi_epi8(a, b);
    const __m512i cd_low = _mm512_unpacklo_epi8(c, d), cd_high = _mm512_unpackhi_epi8(c, d);
    _mm512_store_si512(quads, _mm512_unpacklo_epi16(ab_low, cd_low));
    _mm512_store_si512(quads + 64, _mm512_unpackhi_epi16(ab_low, cd_low));
    _mm512_store_si512(quads + 128, _mm512_unpacklo_epi16(ab_high, cd_high));
    _mm512_store_si512(quads + 192, _mm512_unpackhi_epi16(ab_high, cd_high));
    quads += 4 * kBlock;
  }
}

inline void store(int32_t* acc, __m512i sum) { _mm512_store_si512(acc, sum); }

template <size_t... kS>
inline void add_quad(__m512i* sums, const uint8_t* quad, const __m512i* w,
                     std::index_sequence<kS...>) {
  const __m512i bytes = _mm512_load_si512(quad);
  (dot(sums[kS], bytes, w[kS]), ...);
}

// Pixels side by side and shifts of one vector of channels; quads, weights, start and acc point at
// its first channel, the latter at the first pixel and shift too.
template <size_t... kS, size_t... kP, size_t... kSum>
inline void sum_pixels(const DepthwiseStrips& strips, const uint8_t* quads, const int8_t* weights,
                       const int32_t* start, int32_t* acc, std::index_sequence<kS...> shifts,
                       std::index_sequence<kP...>, std::index_sequence<kSum...>) {
  constexpr size_t kShifts = sizeof...(kS);
  const __m512i first = _mm512_load_si512(start);
  __m512i sums[] = {((void)kSum, first)...};
  const ptrdiff_t pixel = ptrdiff_t{strips.stride_w} * 4 * kBlock;
  const ptrdiff_t tap = ptrdiff_t{strips.dilation_w} * 4 * kBlock;
  for (int32_t layer = 0; layer < strips.layers; ++layer) {
    const uint8_t* from = quads;
    for (int32_t x = 0; x < strips.kernel_w; ++x) {
      const __m512i w[] = {_mm512_load_si512(weights + kS * strips.shift_bytes)...};
      (add_quad(sums + kShifts * kP, from + ptrdiff_t{kP} * pixel, w, shifts), ...);
      from += tap;
      weights += 4 * kBlock;
    }
    quads += ptrdiff_t{strips.columns} * 4 * kBlock;
  }
  const ptrdiff_t shift = ptrdiff_t{strips.pixels} * kBlock;
  (store(acc + ptrdiff_t{kSum % kShifts} * shift + ptrdiff_t{kSum / kShifts} * kBlock, sums[kSum]),
   ...);
}

template <size_t kShifts, size_t kPixels>
inline void sum_tile(const DepthwiseStrips& strips, int32_t channel, int32_t shift, int32_t pixel) {
  const ptrdiff_t at = ptrdiff_t{pixel} * strips.stride_w * kBlock + channel;
  const ptrdiff_t to = (ptrdiff_t{shift} * strips.pixels + pixel) * kBlock + channel;
  sum_pixels(strips, strips.quads + 4 * at,
             strips.weights + shift * strips.shift_bytes + 4 * channel, strips.start + channel,
             strips.acc + to, std::make_index_sequence<kShifts>(),
             std::make_index_sequence<kPixels>(), std::make_index_sequence<kShifts * kPixels>());
}

template <size_t kShifts, size_t kPixels>
__attribute__((noinline)) void sum_strip(const DepthwiseStrips& strips, int32_t channel,
                                         int32_t shift) {
  int32_t p = 0;
  for (; p + static_cast<int32_t>(kPixels) <= strips.pixels; p += kPixels) {
    sum_tile<kShifts, kPixels>(strips, channel, shift, p);
  }
  for (; p + 2 <= strips.pixels; p += 2) {
    sum_tile<kShifts, 2>(strips, channel, shift, p);
  }
  if (p < strips.pixels) sum_tile<kShifts, 1>(strips, channel, shift, p);
}

void sum_strips(const DepthwiseStrips& strips) {
  for (int32_t layer = 0; layer < strips.layers; ++layer) {
    const uint8_t* rows[4];
    for (int32_t i = 0; i < 4; ++i) {  // rows past the last have zero weights: any row will do
      const int32_t y = layer * 4 + i < strips.rows ? layer * 4 + i : strips.rows - 1;
      rows[i] = strips.input + y * strips.row_step;
    }
    interleave(rows, strips, strips.quads + ptrdiff_t{layer} * strips.columns * 4 * kBlock);
  }
  for (int32_t c = 0; c < strips.channels; c += 16) {
    int32_t shift = 0;
    for (; shift + 2 <= strips.shifts; shift += 2) sum_strip<2, 8>(strips, c, shift);
    if (shift < strips.shifts) sum_strip<1, 8>(strips, c, shift);
  }
}

double cost(const ConvProblem& problem) { return depthwise_cost(problem, kBlock, 16.0, 5.0, 0.3); }
size_t packed_bytes(const ConvProblem& problem) {
  return depthwise_packed_bytes(problem, kBlock, kLayout);
}
void pack(const ConvProblem& problem, void* packed) {
  depthwise_pack(problem, kBlock, kLayout, packed);
}
int64_t items(const ConvProblem& problem) { return depthwise_items(problem, kBlock); }
size_t workspace_bytes(const ConvProblem& problem) {
  return depthwise_workspace_bytes(problem, kBlock);
}
void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
  depthwise_run(call, kBlock, kLayout, begin, end, workspace, sum_strips);
}

}  // namespace

extern const ConvKernel conv_depthwise_avx512vnni;
const ConvKernel conv_depthwise_avx512vnni = {"depthwise_avx512vnni",
                                              "depthwise",
                                              Isa::kAvx512Vnni,
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
