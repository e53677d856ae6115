// The product that AVX-512 kernels on bytes are made of: four unsigned bytes of an input against
// four weights of 16 output channels, summed in 32 bits without saturation.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace weq::kernels {
namespace {

// In place: the compiler copies accumulators around the intrinsic.
inline void dot(__m512i& sum, __m512i bytes, __m512i weights) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(bytes), "v"(weights));
}

inline __m512i four_bytes(const uint8_t* from) {
  int32_t quad;
  std::memcpy(&quad, from, sizeof(quad));
  return _mm512_set1_epi32(quad);
}

}  // namespace
}  // namespace weq::kernels
