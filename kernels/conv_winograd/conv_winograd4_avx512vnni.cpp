// F(4x4,3x3) in 16 bits by vpdpwssd: for levels that are too wide for byte transforms.
#include <immintrin.h>

#include "kernels/conv_winograd/winograd4.h"

namespace weq::kernels {
namespace {

constexpr int32_t kGroup = 32;
constexpr double kMacsPerCycle = 31.0;

using Words = uint16_t __attribute__((vector_size(64)));
using Longs = uint32_t __attribute__((vector_size(64)));
using SignedLongs = int32_t __attribute__((vector_size(64)));
using Pair [[gnu::may_alias]] = int32_t;  // two 16-bit values

inline __m256i bytes(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
inline Words widen(const uint8_t* from) {
  return reinterpret_cast<Words>(_mm512_cvtepu8_epi16(bytes(from)));
}
inline Words widen(const int8_t* from) {
  return reinterpret_cast<Words>(_mm512_cvtepi8_epi16(bytes(from)));
}

constexpr int kMostTiles = 8;

// The compiler alone would copy sums.
inline void add_products(Longs& sum0, Longs& sum1, const int16_t* v, Words w0, Words w1) {
  const __m512i x = _mm512_set1_epi32(*reinterpret_cast<const Pair*>(v));
  asm("vpdpwssd %[w0], %[x], %[sum0]\n\t"
      "vpdpwssd %[w1], %[x], %[sum1]"
      : [sum0] "+v"(sum0), [sum1] "+v"(sum1)
      : [x] "v"(x), [w0] "v"(w0), [w1] "v"(w1));
}

}  // namespace
}  // namespace weq::kernels

#include "kernels/conv_winograd/winograd4_body.h"

namespace weq::kernels {

extern const ConvKernel conv_winograd4_avx512vnni;
const ConvKernel conv_winograd4_avx512vnni =
    winograd4_kernel("winograd4_avx512vnni", Isa::kAvx512Vnni);

}  // namespace weq::kernels
