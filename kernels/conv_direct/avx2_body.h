// The loops of the direct convolution over 256-bit vectors. The including file brings the products:
//   kPixels                        of a register tile: two sums each, beside two weights
//   kStepsOfQuad                   steps of 4 bytes of input that a quad takes: 2 for words
//   kBits                          of the sums: 16 are added to acc after every run, 32 once
//   add(sum, x, w)                 a step's products with 8 channels' weights, in place
//   finish(sum)                    32-bit sums of 8 channels
#pragma once

#include <immintrin.h>

#include <cstring>
#include <utility>

#include "kernels/conv_direct/direct.h"

namespace weq::kernels {
namespace {

constexpr int32_t kStepBytes = 64;  // of weights, 16 channels of a step

inline __m256i load(const int8_t* from) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
}

// One vector of 16 channels of a tile.
struct Column {
  const int8_t* weights = nullptr;
  const int32_t* start = nullptr;
  ptrdiff_t stride = 0;        // of the sums
  int32_t rows = 1, cols = 1;  // segments
  ptrdiff_t row_step = 0, col_step = 0;
  int32_t steps = 0, most = 0;  // of a segment, and of a run
  ptrdiff_t segment_bytes = 0;  // of weights
};

template <class Products>
inline void add_step(__m256i* sums, const uint8_t* from, __m256i w0, __m256i w1) {
  int32_t bytes;
  std::memcpy(&bytes, from, sizeof(bytes));
  const __m256i x = _mm256_set1_epi32(bytes);
  Products::add(sums[0], x, w0);
  Products::add(sums[1], x, w1);
}

inline void put_sum(const int32_t* from, __m256i sum, int32_t* acc) {
  const __m256i before = _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
  _mm256_store_si256(reinterpret_cast<__m256i*>(acc), _mm256_add_epi32(before, sum));
}

// `steps` steps of some pixels, added to `sums`.
template <class Products, size_t... kP>
inline const int8_t* sum_steps(const uint8_t* const* from, const int8_t* weights, ptrdiff_t steps,
                               __m256i* sums, std::index_sequence<kP...>) {
  ptrdiff_t k = 0;
  do {
    const __m256i w0 = load(weights), w1 = load(weights + kStepBytes / 2);
    weights += kStepBytes;
    (add_step<Products>(sums + 2 * kP, from[kP] + k, w0, w1), ...);
    k += 4;
  } while (k < 4 * steps);
  return weights;
}

template <class Products>
inline void put_sums(const int32_t* from, const __m256i* sums, int32_t* acc) {
  put_sum(from, Products::finish(sums[0]), acc);
  put_sum(from + 8, Products::finish(sums[1]), acc + 8);
}

// acc[pixel * stride] = start + sums, for some pixels: 16-bit sums go to acc after every run.
template <class Products, size_t... kP>
inline void sum_pixels(const Column& column, const uint8_t* const* pixels, int32_t* acc,
                       std::index_sequence<kP...> all) {
  const int32_t* before = column.start;  // what the next run is added to
  ptrdiff_t before_stride = 0;
  const int8_t* segment = column.weights;
  for (ptrdiff_t y = 0; y < column.rows; ++y) {
    for (ptrdiff_t x = 0; x < column.cols; ++x, segment += column.segment_bytes) {
      const ptrdiff_t first = y * column.row_step + x * column.col_step;
      const uint8_t* from[] = {(pixels[kP] + first)...};
      const int8_t* weights = segment;
      for (int32_t left = column.steps; left > 0; left -= column.most) {
        const ptrdiff_t run = left < column.most ? left : column.most;
        __m256i sums[] = {((void)kP, _mm256_setzero_si256())...,
                          ((void)kP, _mm256_setzero_si256())...};
        weights = sum_steps<Products>(from, weights, run, sums, all);
        (put_sums<Products>(before + ptrdiff_t{kP} * before_stride, sums + 2 * kP,
                            acc + ptrdiff_t{kP} * column.stride),
         ...);
        ((from[kP] += 4 * run), ...);
        before = acc;
        before_stride = column.stride;
      }
    }
  }
}

// The same for 32-bit sums, which stay in registers.
template <class Products, size_t... kP>
inline void sum_pixels_once(const Column& column, const uint8_t* const* pixels, int32_t* acc,
                            std::index_sequence<kP...> all) {
  __m256i sums[] = {((void)kP, _mm256_setzero_si256())..., ((void)kP, _mm256_setzero_si256())...};
  const int8_t* segment = column.weights;
  for (ptrdiff_t y = 0; y < column.rows; ++y) {
    for (ptrdiff_t x = 0; x < column.cols; ++x, segment += column.segment_bytes) {
      const ptrdiff_t first = y * column.row_step + x * column.col_step;
      const uint8_t* from[] = {(pixels[kP] + first)...};
      sum_steps<Products>(from, segment, column.steps, sums, all);
    }
  }
  (put_sums<Products>(column.start, sums + 2 * kP, acc + ptrdiff_t{kP} * column.stride), ...);
}

// Some pixels: those of the index sequence.
template <class Products, size_t kCount>
inline void sum_some(const Column& column, const uint8_t* const* pixels, int32_t* acc) {
  constexpr auto kAll = std::make_index_sequence<kCount>();
  if constexpr (Products::kBits == 16) {
    sum_pixels<Products>(column, pixels, acc, kAll);
  } else {
    sum_pixels_once<Products>(column, pixels, acc, kAll);
  }
}

// 1 <= rows <= kMost.
template <class Products, size_t kMost>
inline void sum_tail(const Column& column, const uint8_t* const* pixels, size_t rows,
                     int32_t* acc) {
  if (rows == kMost) return sum_some<Products, kMost>(column, pixels, acc);
  if constexpr (kMost > 1) sum_tail<Products, kMost - 1>(column, pixels, rows, acc);
}

template <class Products>
__attribute__((noinline)) void sum_column(const Column& column, const uint8_t* const* pixels,
                                          size_t rows, int32_t* acc) {
  constexpr size_t kPixels = Products::kPixels;
  for (; rows >= kPixels; rows -= kPixels) {
    sum_some<Products, kPixels>(column, pixels, acc);
    pixels += kPixels;
    acc += ptrdiff_t{kPixels} * column.stride;
  }
  if (rows > 0) sum_tail<Products, kPixels - 1>(column, pixels, rows, acc);
}

// One vector of 16 channels after the other, so that its weights stay in the first-level cache.
template <class Products>
void run_tile(const DirectTile& tile, int32_t most) {
  const Segments& segments = tile.segments;
  Column column;
  column.stride = ptrdiff_t{kDirectVector} * tile.vectors;
  column.rows = segments.rows;
  column.cols = segments.cols;
  column.row_step = tile.row_step;
  column.col_step = tile.col_step;
  column.steps = segments.quads * Products::kStepsOfQuad;
  // Segments of an odd number of quads' halves end with one that has no weights.
  if (2 * segments.quads == column.steps && segments.length <= 4 * segments.quads - 2 &&
      segments.length > 4 * segments.quads - 4) {
    --column.steps;
  }
  column.most = most;
  column.segment_bytes = ptrdiff_t{segments.quads} * Products::kStepsOfQuad * kStepBytes;
  for (int32_t v = 0; v < tile.vectors; ++v) {
    column.weights = tile.weights + v * segments.count() * column.segment_bytes;
    column.start = tile.start + v * kDirectVector;
    sum_column<Products>(column, tile.pixels, size_t(tile.rows), tile.acc + v * kDirectVector);
  }
  direct_requantize(tile);
}

}  // namespace
}  // namespace weq::kernels
