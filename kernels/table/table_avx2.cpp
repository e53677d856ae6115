#include <immintrin.h>

#include "kernels/table/table.h"

namespace weq::kernels {
namespace {

// Sixteen 16-entry look-ups: row r answers for the bytes r * 16 .. r * 16 + 15. Subtracting 16 per
// row and adding 0x70 with saturation sets the top bit of every byte that is not in the row
// (vpshufb then gives 0), so the rows' answers are or-ed together.
void run(const uint8_t* x, const uint8_t* table, int64_t count, uint8_t* y) {
  __m256i rows[16];
  for (int r = 0; r < 16; ++r) {
    rows[r] = _mm256_broadcastsi128_si256(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(table + 16 * r)));
  }
  const __m256i step = _mm256_set1_epi8(16), outside = _mm256_set1_epi8(0x70);
  int64_t i = 0;
  for (; i + 32 <= count; i += 32) {
    __m256i index = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + i));
    __m256i byte = _mm256_setzero_si256();
    for (int r = 0; r < 16; ++r) {
      byte = _mm256_or_si256(byte, _mm256_shuffle_epi8(rows[r], _mm256_adds_epu8(index, outside)));
      index = _mm256_sub_epi8(index, step);
    }
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(y + i), byte);
  }
  for (; i < count; ++i) y[i] = table[x[i]];
}

}  // namespace

const TableKernel table_avx2 = {"table_avx2", Isa::kAvx2, run};

}  // namespace weq::kernels
