#include <immintrin.h>

#include "kernels/pool/pool.h"

namespace weq::kernels {
namespace {

// Up to 64 channels of one window; loads are masked, so nothing is read beyond the window.
void maximum_block(const WindowRun& run, const uint8_t* x, __mmask64 lanes, uint8_t* out) {
  __m512i best = _mm512_setzero_si512();
  for (int32_t i = 0; i < run.rows; ++i) {
    const uint8_t* p = x + i * run.row_stride;
    for (int32_t j = 0; j < run.columns; ++j, p += run.column_stride) {
      best = _mm512_max_epu8(best, _mm512_maskz_loadu_epi8(lanes, p));
    }
  }
  _mm512_mask_storeu_epi8(out, lanes, best);
}

void maximum(const WindowRun& run, uint8_t* out) {
  for (int32_t w = 0; w < run.windows; ++w) {
    const uint8_t* x = run.x + w * run.step;
    uint8_t* y = out + w * run.out_step;
    for (int32_t c = 0; c < run.channels; c += 64) {
      const int32_t left = run.channels - c;
      const __mmask64 lanes = left >= 64 ? ~__mmask64{0} : (__mmask64{1} << left) - 1;
      maximum_block(run, x + c, lanes, y + c);
    }
  }
}

// 64 channels: 16-bit sums of at most 257 bytes each, widened once per such run.
void average_block(const WindowRun& run, const uint8_t* x, __mmask64 lanes, __m512i multiplier,
                   __m512i addend, int32_t* v) {
  __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0, s3 = s0;
  __m512i low = s0, high = s0;
  int32_t held = 0;
  const auto widen = [&] {
    s0 = _mm512_add_epi32(s0, _mm512_cvtepu16_epi32(_mm512_castsi512_si256(low)));
    s1 = _mm512_add_epi32(s1, _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(low, 1)));
    s2 = _mm512_add_epi32(s2, _mm512_cvtepu16_epi32(_mm512_castsi512_si256(high)));
    s3 = _mm512_add_epi32(s3, _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(high, 1)));
    low = high = _mm512_setzero_si512();
    held = 0;
  };
  for (int32_t i = 0; i < run.rows; ++i) {
    const uint8_t* p = x + i * run.row_stride;
    for (int32_t j = 0; j < run.columns; ++j, p += run.column_stride) {
      const __m512i bytes = _mm512_maskz_loadu_epi8(lanes, p);
      low = _mm512_add_epi16(low, _mm512_cvtepu8_epi16(_mm512_castsi512_si256(bytes)));
      high = _mm512_add_epi16(high, _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(bytes, 1)));
      if (++held == 257) widen();
    }
  }
  widen();
  const auto store = [&](int32_t* to, __mmask16 part, __m512i sum) {
    const __m512i scaled = _mm512_add_epi32(_mm512_mullo_epi32(sum, multiplier), addend);
    _mm512_mask_storeu_epi32(to, part, scaled);
  };
  store(v, static_cast<__mmask16>(lanes), s0);
  store(v + 16, static_cast<__mmask16>(lanes >> 16), s1);
  store(v + 32, static_cast<__mmask16>(lanes >> 32), s2);
  store(v + 48, static_cast<__mmask16>(lanes >> 48), s3);
}

void average(const WindowRun& run, const AverageTerms& terms, int32_t* v) {
  // The offset is taken off the addend; sums wrap modulo 2^32 on the way and end exact.
  const uint32_t offset_sum = static_cast<uint32_t>(terms.map->offset) *
                              static_cast<uint32_t>(run.rows) * static_cast<uint32_t>(run.columns);
  const __m512i multiplier = _mm512_set1_epi32(terms.multiplier);
  const __m512i addend = _mm512_set1_epi32(static_cast<int32_t>(
      static_cast<uint32_t>(terms.addend) - static_cast<uint32_t>(terms.multiplier) * offset_sum));
  for (int32_t w = 0; w < run.windows; ++w) {
    const uint8_t* x = run.x + w * run.step;
    int32_t* y = v + w * run.out_step;
    for (int32_t c = 0; c < run.channels; c += 64) {
      const int32_t left = run.channels - c;
      const __mmask64 lanes = left >= 64 ? ~__mmask64{0} : (__mmask64{1} << left) - 1;
      average_block(run, x + c, lanes, multiplier, addend, y + c);
    }
  }
}

}  // namespace

const PoolKernel pool_avx512vnni = {"pool_avx512vnni", Isa::kAvx512Vnni, false, maximum, average};

}  // namespace weq::kernels
