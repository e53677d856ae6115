#include <immintrin.h>

#include "kernels/pool/pool.h"

namespace weq::kernels {
namespace {

inline __m256i load32(const uint8_t* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}

// The last block of a window may read up to 31 bytes after it: kSlack covers that.
inline __m256i maximum_block(const WindowRun& run, const uint8_t* x) {
  __m256i best = _mm256_setzero_si256();
  for (int32_t i = 0; i < run.rows; ++i) {
    const uint8_t* p = x + i * run.row_stride;
    for (int32_t j = 0; j < run.columns; ++j, p += run.column_stride) {
      best = _mm256_max_epu8(best, load32(p));
    }
  }
  return best;
}

void maximum(const WindowRun& run, uint8_t* out) {
  const int32_t whole = run.channels / 32 * 32;
  for (int32_t w = 0; w < run.windows; ++w) {
    const uint8_t* x = run.x + w * run.step;
    uint8_t* y = out + w * run.out_step;
    for (int32_t c = 0; c < whole; c += 32) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(y + c), maximum_block(run, x + c));
    }
    if (whole < run.channels) {
      alignas(32) uint8_t tail[32];
      _mm256_store_si256(reinterpret_cast<__m256i*>(tail), maximum_block(run, x + whole));
      for (int32_t c = whole; c < run.channels; ++c) y[c] = tail[c - whole];
    }
  }
}

struct Sums {
  __m256i s0, s1, s2, s3;
};

// 32 channels: 16-bit sums of at most 257 bytes each, widened once per such run.
inline Sums sum_block(const WindowRun& run, const uint8_t* x) {
  __m256i s0 = _mm256_setzero_si256(), s1 = s0, s2 = s0, s3 = s0;
  __m256i low = s0, high = s0;
  int32_t held = 0;
  const auto widen = [&] {
    s0 = _mm256_add_epi32(s0, _mm256_cvtepu16_epi32(_mm256_castsi256_si128(low)));
    s1 = _mm256_add_epi32(s1, _mm256_cvtepu16_epi32(_mm256_extracti128_si256(low, 1)));
    s2 = _mm256_add_epi32(s2, _mm256_cvtepu16_epi32(_mm256_castsi256_si128(high)));
    s3 = _mm256_add_epi32(s3, _mm256_cvtepu16_epi32(_mm256_extracti128_si256(high, 1)));
    low = high = _mm256_setzero_si256();
    held = 0;
  };
  for (int32_t i = 0; i < run.rows; ++i) {
    const uint8_t* p = x + i * run.row_stride;
    for (int32_t j = 0; j < run.columns; ++j, p += run.column_stride) {
      const __m256i bytes = load32(p);
      low = _mm256_add_epi16(low, _mm256_cvtepu8_epi16(_mm256_castsi256_si128(bytes)));
      high = _mm256_add_epi16(high, _mm256_cvtepu8_epi16(_mm256_extracti128_si256(bytes, 1)));
      if (++held == 257) widen();
    }
  }
  widen();
  return {s0, s1, s2, s3};
}

inline void scale_store(const Sums& sums, __m256i multiplier, __m256i addend, int32_t* v) {
  const auto store = [&](int32_t* to, __m256i sum) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                        _mm256_add_epi32(_mm256_mullo_epi32(sum, multiplier), addend));
  };
  store(v, sums.s0);
  store(v + 8, sums.s1);
  store(v + 16, sums.s2);
  store(v + 24, sums.s3);
}

void average(const WindowRun& run, const AverageTerms& terms, int32_t* v) {
  // The offset is taken off the addend; sums wrap modulo 2^32 on the way and end exact.
  const uint32_t offset_sum = static_cast<uint32_t>(terms.map->offset) *
                              static_cast<uint32_t>(run.rows) * static_cast<uint32_t>(run.columns);
  const __m256i multiplier = _mm256_set1_epi32(terms.multiplier);
  const __m256i addend = _mm256_set1_epi32(static_cast<int32_t>(
      static_cast<uint32_t>(terms.addend) - static_cast<uint32_t>(terms.multiplier) * offset_sum));
  const int32_t whole = run.channels / 32 * 32;
  for (int32_t w = 0; w < run.windows; ++w) {
    const uint8_t* x = run.x + w * run.step;
    int32_t* y = v + w * run.out_step;
    for (int32_t c = 0; c < whole; c += 32) {
      scale_store(sum_block(run, x + c), multiplier, addend, y + c);
    }
    if (whole < run.channels) {
      alignas(32) int32_t tail[32];
      scale_store(sum_block(run, x + whole), multiplier, addend, tail);
      for (int32_t c = whole; c < run.channels; ++c) y[c] = tail[c - whole];
    }
  }
}

}  // namespace

const PoolKernel pool_avx2 = {"pool_avx2", Isa::kAvx2, false, maximum, average};

}  // namespace weq::kernels
