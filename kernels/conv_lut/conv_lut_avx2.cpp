// Lookup tables of 2 channels: 16 tables of 16 entries, one vpshufb for 64 products.
#include <immintrin.h>

#include "kernels/conv_lut/layout.h"
#include "kernels/conv_lut/runs.h"

namespace weq::kernels {
namespace {

// Index bytes are stored times 16: a table row of 32 bytes lies at twice the byte.
constexpr LutForm kForm = lut_one_table(2, 32);
constexpr int32_t kIndexBytes = 1, kScale = 4;
constexpr int kRows[2] = {4, 2};
constexpr struct {
  double lookup = 0.8, lookup_of_lone_row = 1.4, flush = 1.5, store = 8.0, requantize = 0.8;
  double gather = 10.0;
} kCycles;
using Vec = __m256i;

// Sums of even and odd bytes: `even` also collects the odd ones times 256, taken off at the end.
struct Words {
  __m256i even, odd;
};

inline Vec zero() { return _mm256_setzero_si256(); }
inline Words zero_words() { return {zero(), zero()}; }
inline Vec load(const uint8_t* p) { return _mm256_load_si256(reinterpret_cast<const __m256i*>(p)); }
inline Vec table(const uint8_t* tables, const uint8_t* index) {
  return load(tables + size_t{*index} * 2);
}
inline Vec lookup(Vec sums, Vec weights) { return _mm256_shuffle_epi8(sums, weights); }
// In place: the compiler would copy every sum once per lookup.
inline void add8(Vec a, Vec* sum) { asm("vpaddb %1, %0, %0" : "+x"(*sum) : "x"(a)); }

inline void widen(Vec bytes, Words* words) {
  words->even = _mm256_add_epi16(words->even, bytes);
  words->odd = _mm256_add_epi16(words->odd, _mm256_srli_epi16(bytes, 8));
}

inline void store_quarter(__m128i words, const int32_t* addend, int32_t* to) {
  const __m256i start = _mm256_load_si256(reinterpret_cast<const __m256i*>(addend));
  _mm256_store_si256(reinterpret_cast<__m256i*>(to),
                     _mm256_add_epi32(_mm256_cvtepu16_epi32(words), start));
}

inline void store_half(__m256i words, const int32_t* addend, int32_t* to) {
  store_quarter(_mm256_castsi256_si128(words), addend, to);
  store_quarter(_mm256_extracti128_si256(words, 1), addend + 8, to + 8);
}

// to[c] = addend[c] + sum of channel c, for kLanes channels.
inline void store_words(const Words& words, const int32_t* addend, int32_t* to) {
  store_half(_mm256_sub_epi16(words.even, _mm256_slli_epi16(words.odd, 8)), addend, to);
  store_half(words.odd, addend + 16, to + 16);
}

int32_t flush_of(const ConvProblem& problem) { return problem.bounds.lut_flush2; }

const char* refuse(const ConvProblem& problem) {
  return lut_refuse(problem, 2, 4, 4, flush_of(problem));
}

void fill_tables(const ConvProblem& problem, uint8_t* tables) {
  lut_fill_tables(problem, kForm, tables);
}

// Turns pixels of stored bytes into index bytes.
class IndexRow {
 public:
  IndexRow(const ConvProblem& problem, const LutLayout& layout)
      : map_(*problem.input),
        in_c_(problem.shape.in_c),
        step_(layout.step_w),
        lookups_(layout.lookups) {
    lut_codes_of_bytes(map_, codes_);
    for (int32_t k = 1; k < map_.codes; ++k) {
      below_[k - 1] = static_cast<uint8_t>(map_.byte_of_code[k] - 1);
    }
  }

  void operator()(const uint8_t* from, int32_t pixels, uint8_t* to) const {
    const uint8_t* const end = to + ptrdiff_t{pixels} * lookups_;
    for (int32_t x = 0; x < pixels; ++x) {
      for (int32_t j = 0; j < lookups_; j += 32) {
        // A full store may run into the next pixel, which follows, but not past the last one.
        const __m256i index = indices(from + j);
        if (end - (to + j) >= 32) {
          _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + j), index);
        } else {
          alignas(32) uint8_t bytes[32];
          _mm256_store_si256(reinterpret_cast<__m256i*>(bytes), index);
          __builtin_memcpy(to + j, bytes, size_t(lookups_ - j < 32 ? lookups_ - j : 32));
        }
      }
      if (in_c_ % 2 != 0) {
        const int32_t code = codes_[from[lookups_ - 1]] | codes_[map_.zero_byte] << 2;
        to[lookups_ - 1] = static_cast<uint8_t>(code << kScale);
      }
      from += ptrdiff_t{step_} * in_c_;
      to += lookups_;
    }
  }

 private:
  // Codes of 32 bytes: how many of `below_` they exceed.
  __m256i codes(const uint8_t* bytes) const {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
    return _mm256_add_epi8(_mm256_add_epi8(exceeds(x, below_[0]), exceeds(x, below_[1])),
                           exceeds(x, below_[2]));
  }

  static __m256i exceeds(__m256i x, uint8_t bound) {
    const __m256i excess = _mm256_subs_epu8(x, _mm256_set1_epi8(static_cast<char>(bound)));
    return _mm256_min_epu8(excess, _mm256_set1_epi8(1));
  }

  __m256i indices(const uint8_t* bytes) const {
    return _mm256_or_si256(_mm256_slli_epi16(codes(bytes), kScale),
                           _mm256_slli_epi16(codes(bytes + lookups_), kScale + 2));
  }

  const LevelMap& map_;
  uint8_t codes_[256];
  uint8_t below_[3] = {255, 255, 255};  // one less than the bytes of codes 1, 2, 3
  int32_t in_c_, step_, lookups_;
};

}  // namespace

#include "kernels/conv_lut/driver.inc"

extern const ConvKernel conv_lut_avx2;
const ConvKernel conv_lut_avx2 = {
    "lut_avx2",   "lut",  Isa::kAvx2, refuse,          cost, packed_bytes, pack, gather_bytes,
    gather_items, gather, items,      workspace_bytes, run};

}  // namespace weq::kernels
