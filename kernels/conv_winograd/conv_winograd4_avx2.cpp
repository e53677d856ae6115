// F(4x4,3x3) in 16 bits by vpmaddwd. The loop over products holds 12 sums, 2 weights and 2 others:
// all 16 registers.
#include <immintrin.h>

#include "kernels/conv_winograd/winograd4.h"

namespace weq::kernels {
namespace {

constexpr int32_t kGroup = 16;
constexpr double kMacsPerCycle = 25.0;

using Words = uint16_t __attribute__((vector_size(32)));
using Longs = uint32_t __attribute__((vector_size(32)));
using SignedLongs = int32_t __attribute__((vector_size(32)));
using Pair [[gnu::may_alias]] = int32_t;  // two 16-bit values

inline __m128i bytes(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}
inline Words widen(const uint8_t* from) {
  return reinterpret_cast<Words>(_mm256_cvtepu8_epi16(bytes(from)));
}
inline Words widen(const int8_t* from) {
  return reinterpret_cast<Words>(_mm256_cvtepi8_epi16(bytes(from)));
}

constexpr int kMostTiles = 6;

// The compiler alone would copy sums and run out of registers.
inline void add_products(Longs& sum0, Longs& sum1, const int16_t* v, Words w0, Words w1) {
  __m256i x, t;
  asm("vpbroadcastd %[v], %[x]\n\t"
      "vpmaddwd %[w0], %[x], %[t]\n\t"
      "vpmaddwd %[w1], %[x], %[x]\n\t"
      "vpaddd %[t], %[sum0], %[sum0]\n\t"
      "vpaddd %[x], %[sum1], %[sum1]"
      : [sum0] "+x"(sum0), [sum1] "+x"(sum1), [x] "=&x"(x), [t] "=&x"(t)
      : [v] "m"(*reinterpret_cast<const Pair*>(v)), [w0] "x"(w0), [w1] "x"(w1));
}

}  // namespace
}  // namespace weq::kernels

#include "kernels/conv_winograd/winograd4_body.h"

namespace weq::kernels {

extern const ConvKernel conv_winograd4_avx2;
const ConvKernel conv_winograd4_avx2 = winograd4_kernel("winograd4_avx2", Isa::kAvx2);

}  // namespace weq::kernels
