// Matrix-vector products by vpdpbusd: bytes of the input broadcast, decoded weights from registers.
// The including file defines look_up(levels, index) in its anonymous namespace first: bytes of a
// table of 64, of which it may look at the lowest four bits of an index alone. The hardware's own
// prefetcher follows the one stream; requests by software gained nothing.
#pragma once

#include <immintrin.h>

#include <utility>

#include "kernels/conv/avx512_dot.h"
#include "kernels/conv_stream/stream.h"

namespace weq::kernels {
namespace {

inline __m512i load(const uint8_t* from) { return _mm512_load_si512(from); }

template <int kShift>
inline __m512i shifted(__m512i codes) {
  return _mm512_srli_epi16(codes, kShift);
}

// The bits of `mask` from b, the others from a.
inline __m512i merged(__m512i a, __m512i b, __m512i mask) {
  return _mm512_ternarylogic_epi32(a, b, mask, 0xd8);
}

// Eight vectors of levels from a step.
template <int kWidth>
struct Decoder;

template <>
struct Decoder<1> {
  static void decode(const uint8_t* from, __m512i levels, __m512i* w) {
    const __m512i p = load(from);
    w[0] = look_up(levels, p), w[1] = look_up(levels, shifted<1>(p));
    w[2] = look_up(levels, shifted<2>(p)), w[3] = look_up(levels, shifted<3>(p));
    w[4] = look_up(levels, shifted<4>(p)), w[5] = look_up(levels, shifted<5>(p));
    w[6] = look_up(levels, shifted<6>(p)), w[7] = look_up(levels, shifted<7>(p));
  }
};

template <>
struct Decoder<2> {
  static void decode(const uint8_t* from, __m512i levels, __m512i* w) {
    for (int i = 0; i < 2; ++i) {
      const __m512i p = load(from + 64 * i);
      w[4 * i] = look_up(levels, p), w[4 * i + 1] = look_up(levels, shifted<2>(p));
      w[4 * i + 2] = look_up(levels, shifted<4>(p)), w[4 * i + 3] = look_up(levels, shifted<6>(p));
    }
  }
};

template <>
struct Decoder<3> {
  static void decode(const uint8_t* from, __m512i levels, __m512i* w) {
    const __m512i p0 = load(from), p1 = load(from + 64), p2 = load(from + 128);
    const __m512i upper = _mm512_set1_epi8(4);
    w[0] = look_up(levels, p0), w[1] = look_up(levels, shifted<3>(p0));
    w[2] = look_up(levels, p1), w[3] = look_up(levels, shifted<3>(p1));
    w[4] = look_up(levels, p2), w[5] = look_up(levels, shifted<3>(p2));
    w[6] = look_up(levels, merged(shifted<6>(p0), shifted<4>(p2), upper));
    w[7] = look_up(levels, merged(shifted<6>(p1), shifted<5>(p2), upper));
  }
};

template <>
struct Decoder<4> {
  static void decode(const uint8_t* from, __m512i levels, __m512i* w) {
    for (int i = 0; i < 4; ++i) {
      const __m512i p = load(from + 64 * i);
      w[2 * i] = look_up(levels, p), w[2 * i + 1] = look_up(levels, shifted<4>(p));
    }
  }
};

template <>
struct Decoder<8> {
  static void decode(const uint8_t* from, __m512i, __m512i* w) {
    for (int i = 0; i < 8; ++i) w[i] = load(from + 64 * i);
  }
};

__attribute__((always_inline)) inline void add_row(__m512i* sums, const uint8_t* from,
                                                   const __m512i* w) {
  const __m512i first = four_bytes(from), second = four_bytes(from + 4);
  dot(sums[0], first, w[0]), dot(sums[1], first, w[1]);
  dot(sums[2], first, w[2]), dot(sums[3], first, w[3]);
  dot(sums[0], second, w[4]), dot(sums[1], second, w[5]);
  dot(sums[2], second, w[6]), dot(sums[3], second, w[7]);
}

template <int kWidth, size_t... kR, size_t... kSum>
__attribute__((always_inline)) inline void sum_rows(const StreamBlock& b,
                                                    std::index_sequence<kR...>,
                                                    std::index_sequence<kSum...>) {
  __m512i sums[] = {_mm512_loadu_si512(b.start + 16 * (kSum % 4))...};
  const __m512i levels = _mm512_loadu_si512(b.levels);
  const uint8_t* weights = b.weights;
  const uint8_t* rows[] = {b.rows[kR]...};
  __m512i w[8];
  for (int64_t k = 0; k < b.steps * kStreamStep; k += kStreamStep) {
    Decoder<kWidth>::decode(weights, levels, w);
    (add_row(sums + 4 * kR, rows[kR] + k, w), ...);
    weights += 64 * kWidth;
  }
  if (b.tails[0] != nullptr) {
    Decoder<kWidth>::decode(weights, levels, w);
    (add_row(sums + 4 * kR, b.tails[kR], w), ...);
  }
  (_mm512_storeu_si512(b.acc + 16 * kSum, sums[kSum]), ...);
}

template <int kWidth, size_t kRows>
void sum_block(const StreamBlock& b) {
  sum_rows<kWidth>(b, std::make_index_sequence<kRows>(), std::make_index_sequence<4 * kRows>());
}

#define WEQ_STREAM_ROWS(width) \
  { sum_block<width, 1>, sum_block<width, 2>, sum_block<width, 3>, sum_block<width, 4> }
constexpr StreamKernels kKernels = {{{},
                                     WEQ_STREAM_ROWS(1),
                                     WEQ_STREAM_ROWS(2),
                                     WEQ_STREAM_ROWS(3),
                                     WEQ_STREAM_ROWS(4),
                                     {},
                                     {},
                                     {},
                                     WEQ_STREAM_ROWS(8)}};
#undef WEQ_STREAM_ROWS

constexpr double kStepCycles[9] = {0, 13, 12, 14, 11, 0, 0, 0, 11};

double cost(const ConvProblem& problem) { return stream_cost(problem, kStepCycles, 8.5); }
void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
  stream_run(call, kKernels, begin, end, workspace);
}

}  // namespace
}  // namespace weq::kernels
