// Depthwise convolution by vpdpbusd: four kernel rows of a channel in one 32-bit lane.
#include <immintrin.h>

#include <utility>

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
void interleave(const uint8_t* const* rows, const DepthwiseStrip& strip, uint8_t* quads) {
  for (int32_t x = 0; x < strip.columns; ++x) {
    const ptrdiff_t at = x * strip.column;
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

inline void dot(__m512i& sum, __m512i bytes, __m512i weights) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(bytes), "v"(weights));
}

// Pixels side by side, 16 channels.
template <size_t... kP>
inline void sum_pixels(const DepthwiseStrip& strip, const uint8_t* quads, const int8_t* weights,
                       const int32_t* start, int32_t* acc, std::index_sequence<kP...>) {
  const __m512i first = _mm512_load_si512(start);
  __m512i sums[] = {((void)kP, first)...};
  const ptrdiff_t pixel = ptrdiff_t{strip.stride_w} * 4 * kBlock;
  const ptrdiff_t tap = ptrdiff_t{strip.dilation_w} * 4 * kBlock;
  for (int32_t layer = 0; layer < depthwise_layers(strip.kernel_h); ++layer) {
    const uint8_t* from = quads;
    for (int32_t x = 0; x < strip.kernel_w; ++x) {
      const __m512i w = _mm512_load_si512(weights);
      (dot(sums[kP], _mm512_load_si512(from + ptrdiff_t{kP} * pixel), w), ...);
      from += tap;
      weights += 4 * kBlock;
    }
    quads += ptrdiff_t{strip.columns} * 4 * kBlock;
  }
  (_mm512_store_si512(acc + kP * kBlock, sums[kP]), ...);
}

void sum_strip(const DepthwiseStrip& strip) {
  for (int32_t layer = 0; layer < depthwise_layers(strip.kernel_h); ++layer) {
    const uint8_t* rows[4];
    for (int32_t i = 0; i < 4; ++i) {  // rows past the kernel have zero weights: any row will do
      const int32_t y = layer * 4 + i < strip.kernel_h ? layer * 4 + i : strip.kernel_h - 1;
      rows[i] = strip.input + y * strip.row_step;
    }
    interleave(rows, strip, strip.quads + ptrdiff_t{layer} * strip.columns * 4 * kBlock);
  }
  constexpr int32_t kPixels = 8;
  for (int32_t c = 0; c < strip.channels; c += 16) {
    const int8_t* weights = strip.weights + 4 * c;
    const uint8_t* quads = strip.quads + 4 * c;
    const ptrdiff_t pixel = ptrdiff_t{strip.stride_w} * 4 * kBlock;
    int32_t p = 0;
    for (; p + kPixels <= strip.pixels; p += kPixels) {
      sum_pixels(strip, quads + p * pixel, weights, strip.start + c, strip.acc + p * kBlock + c,
                 std::make_index_sequence<kPixels>());
    }
    for (; p + 2 <= strip.pixels; p += 2) {
      sum_pixels(strip, quads + p * pixel, weights, strip.start + c, strip.acc + p * kBlock + c,
                 std::make_index_sequence<2>());
    }
    if (p < strip.pixels) {
      sum_pixels(strip, quads + p * pixel, weights, strip.start + c, strip.acc + p * kBlock + c,
                 std::make_index_sequence<1>());
    }
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
  depthwise_run(call, kBlock, kLayout, begin, end, workspace, sum_strip);
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
