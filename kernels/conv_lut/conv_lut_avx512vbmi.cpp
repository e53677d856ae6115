// Lookup tables of 3 channels: 64 tables of 64 entries, one vpermb for 192 products.
#include <immintrin.h>

#include "kernels/conv_lut/layout.h"

namespace weq::kernels {
namespace {

constexpr int32_t kGroup = 3, kLanes = 64, kScale = 0;
constexpr int kRows[2] = {8, 4};
constexpr struct {
  double lookup = 1.25, lookup_of_lone_row = 2.4, flush = 1.6, store = 12.0, requantize = 0.25;
  double gather = 10.0;
} kCycles;
using Vec = __m512i;

// Sums of even and odd bytes: `even` also collects the odd ones times 256, taken off at the end.
struct Words {
  __m512i even, odd;
};

inline Vec zero() { return _mm512_setzero_si512(); }
inline Words zero_words() { return {zero(), zero()}; }
inline Vec load(const uint8_t* p) { return _mm512_load_si512(p); }
inline Vec table(const uint8_t* tables, uint8_t index) {
  return load(tables + size_t{index} * kLanes);
}
inline Vec lookup(Vec sums, Vec weights) { return _mm512_permutexvar_epi8(weights, sums); }
// In place: the compiler would copy every sum once per lookup.
inline void add8(Vec a, Vec* sum) { asm("vpaddb %1, %0, %0" : "+v"(*sum) : "v"(a)); }

inline void widen(Vec bytes, Words* words) {
  words->even = _mm512_add_epi16(words->even, bytes);
  words->odd = _mm512_add_epi16(words->odd, _mm512_srli_epi16(bytes, 8));
}

inline void store_half(__m512i words, const int32_t* addend, int32_t* to) {
  const __m512i low = _mm512_cvtepu16_epi32(_mm512_castsi512_si256(words));
  const __m512i high = _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(words, 1));
  _mm512_store_si512(to, _mm512_add_epi32(low, _mm512_load_si512(addend)));
  _mm512_store_si512(to + 16, _mm512_add_epi32(high, _mm512_load_si512(addend + 16)));
}

// to[c] = addend[c] + sum of channel c, for kLanes channels.
inline void store_words(const Words& words, const int32_t* addend, int32_t* to) {
  store_half(_mm512_sub_epi16(words.even, _mm512_slli_epi16(words.odd, 8)), addend, to);
  store_half(words.odd, addend + 32, to + 32);
}

int32_t flush_of(const ConvProblem& problem) { return problem.bounds.lut_flush3; }

// The byte -> code table has 64 entries, counted from the first code's byte.
const char* refuse_bytes(const LevelMap& map) {
  const int32_t span = map.byte_of_code[map.codes - 1] - map.byte_of_code[0];
  return span < 64 ? nullptr : "stored bytes span more than 64";
}

inline __mmask64 first_lanes(int32_t count) {
  if (count <= 0) return 0;
  return count >= 64 ? ~__mmask64{0} : (__mmask64{1} << count) - 1;
}

// Turns pixels of stored bytes into index bytes.
class IndexRow {
 public:
  IndexRow(const ConvProblem& problem, const LutLayout& layout)
      : in_c_(problem.shape.in_c), step_(layout.step_w), lookups_(layout.lookups) {
    const LevelMap& map = *problem.input;
    base_ = map.byte_of_code[0];
    for (int32_t code = 0; code < map.codes; ++code) {
      codes_[map.byte_of_code[code] - base_] = static_cast<uint8_t>(code);
    }
    if (map.zero_byte >= 0) missing_ = static_cast<uint8_t>(map.zero_byte);
  }

  void operator()(const uint8_t* from, int32_t pixels, uint8_t* to) const {
    const __m512i base = _mm512_set1_epi8(static_cast<char>(base_));
    const __m512i missing = _mm512_set1_epi8(static_cast<char>(missing_));
    const __m512i code0 = _mm512_load_si512(codes_);
    const __m512i code1 = _mm512_slli_epi16(code0, 2), code2 = _mm512_slli_epi16(code0, 4);
    for (int32_t j = 0; j < lookups_; j += 64) {
      const __mmask64 lanes = first_lanes(lookups_ - j);
      const __mmask64 lanes1 = lanes & first_lanes(in_c_ - lookups_ - j);
      const __mmask64 lanes2 = lanes & first_lanes(in_c_ - 2 * lookups_ - j);
      const uint8_t* pixel = from + j;
      uint8_t* index = to + j;
      for (int32_t x = 0; x < pixels; ++x) {
        const __m512i a = _mm512_mask_loadu_epi8(missing, lanes, pixel);
        const __m512i b = _mm512_mask_loadu_epi8(missing, lanes1, pixel + lookups_);
        const __m512i c = _mm512_mask_loadu_epi8(missing, lanes2, pixel + 2 * lookups_);
        const __m512i ab =
            _mm512_or_si512(_mm512_permutexvar_epi8(_mm512_sub_epi8(a, base), code0),
                            _mm512_permutexvar_epi8(_mm512_sub_epi8(b, base), code1));
        _mm512_mask_storeu_epi8(
            index, lanes,
            _mm512_or_si512(ab, _mm512_permutexvar_epi8(_mm512_sub_epi8(c, base), code2)));
        pixel += ptrdiff_t{step_} * in_c_;
        index += lookups_;
      }
    }
  }

 private:
  alignas(64) uint8_t codes_[64] = {};
  int32_t in_c_, step_, lookups_;
  uint8_t base_ = 0, missing_ = 0;
};

}  // namespace

#include "kernels/conv_lut/driver.inc"

extern const ConvKernel conv_lut_avx512vbmi;
const ConvKernel conv_lut_avx512vbmi = {"lut_avx512vbmi",
                                        "lut",
                                        Isa::kAvx512Vbmi,
                                        refuse,
                                        cost,
                                        packed_bytes,
                                        pack,
                                        gather_bytes,
                                        gather_items,
                                        gather,
                                        items,
                                        workspace_bytes,
                                        run};

}  // namespace weq::kernels
