// The byte lookup that avx512_forms.h asks its including file for, by VBMI.
#include <immintrin.h>

namespace weq::kernels {
namespace {

inline __m512i lookup128(__m512i index, __m512i low, __m512i high) {
  return _mm512_permutex2var_epi8(low, index, high);
}

}  // namespace
}  // namespace weq::kernels
