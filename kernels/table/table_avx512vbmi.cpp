#include <immintrin.h>

#include "kernels/table/table.h"

namespace weq::kernels {
namespace {

// Two permutes look up the lower and the upper half of the table by the low 7 bits; the top bit of
// the byte chooses.
void run(const uint8_t* x, const uint8_t* table, int64_t count, uint8_t* y) {
  const __m512i t0 = _mm512_loadu_si512(table), t1 = _mm512_loadu_si512(table + 64);
  const __m512i t2 = _mm512_loadu_si512(table + 128), t3 = _mm512_loadu_si512(table + 192);
  for (int64_t i = 0; i < count; i += 64) {
    const __mmask64 lanes = count - i >= 64 ? ~__mmask64{0} : (__mmask64{1} << (count - i)) - 1;
    const __m512i index = _mm512_maskz_loadu_epi8(lanes, x + i);
    const __m512i low = _mm512_permutex2var_epi8(t0, index, t1);
    const __m512i high = _mm512_permutex2var_epi8(t2, index, t3);
    const __m512i byte = _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), low, high);
    _mm512_mask_storeu_epi8(y + i, lanes, byte);
  }
}

}  // namespace

const TableKernel table_avx512vbmi = {"table_avx512vbmi", Isa::kAvx512Vbmi, run};

}  // namespace weq::kernels
