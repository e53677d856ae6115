// Lookup tables of 2 channels: 16 tables of 16 entries, one vpshufb for 64 products.
#include "kernels/conv_lut/avx2_words.h"

namespace weq::kernels {
namespace {

// Index bytes are stored times 16: a table row of 32 bytes lies at twice the byte.
constexpr LutForm kForm = lut_one_table(2, 32);
constexpr int32_t kIndexBytes = 1, kScale = 4;
constexpr int kRows[2] = {4, 2};
constexpr struct {
  double lookup = 0.78, lookup_of_lone_vector = 0.8, lookup_of_lone_row = 1.5;
  double flush = 1.5, store = 8.0, requantize = 0.8, gather = 10.0;
} kCycles;

inline Vec table(const uint8_t* tables, const uint8_t* index) {
  return load(tables + size_t{*index} * 2);
}

double usual_run(const ConvProblem& problem) { return lut_usual_run(problem.bounds.lut_flush2); }

const char* refuse(const ConvProblem& problem) {
  return lut_refuse(problem, 4, 4, problem.bounds.lut_flush2);
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
        const int32_t code = codes_[from[lookups_ - 1]] | codes_[lut_missing_byte(map_)] << 2;
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
