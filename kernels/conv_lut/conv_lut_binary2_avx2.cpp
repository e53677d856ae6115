// Two weight codes with up to four activation codes: 256 tables of 16 entries for groups of 4
// channels, one vpshufb for 128 products.
#include "kernels/conv_lut/avx2_words.h"
#include "kernels/conv_lut/binary.h"

namespace weq::kernels {
namespace {

constexpr int32_t kChannels = 4;  // of a group
constexpr int32_t kRowShift = 5;  // a table stands twice in its row of 32 bytes
constexpr LutForm kForm = {kChannels, 32, 2, 256 << kRowShift};
constexpr int32_t kIndexBytes = 2;  // an index is the row's distance
constexpr int kRows[2] = {4, 2};
constexpr struct {
  double lookup = 0.78, lookup_of_lone_vector = 0.8, lookup_of_lone_row = 1.5;
  double flush = 1.5, store = 8.0, requantize = 0.8, gather = 20.0;
} kCycles;

inline Vec table(const uint8_t* tables, const uint8_t* index) {
  uint16_t row;
  __builtin_memcpy(&row, index, sizeof(row));
  return load(tables + row);
}

double usual_run(const ConvProblem& problem) { return lut_binary_usual_run(problem, kChannels); }

const char* refuse(const ConvProblem& problem) {
  return lut_refuse(problem, 2, 4, lut_binary_flush(problem, kChannels));
}

void fill_tables(const ConvProblem& problem, uint8_t* tables) {
  lut_fill_part(problem, {0, kChannels}, kChannels, 4, 1 << kRowShift, tables);
}

// Turns pixels of stored bytes into indices.
class IndexRow {
 public:
  IndexRow(const ConvProblem& problem, const LutLayout& layout)
      : in_c_(problem.shape.in_c), step_(layout.step_w), lookups_(layout.lookups) {
    const LevelMap& map = *problem.input;
    uint8_t codes[256];
    lut_codes_of_bytes(map, codes);
    missing_ = codes[lut_missing_byte(map)];
    for (int32_t k = 1; k < map.codes; ++k) {
      below_[k - 1] = static_cast<uint8_t>(map.byte_of_code[k] - 1);
    }
  }

  void operator()(const uint8_t* from, int32_t pixels, uint8_t* to) const {
    const ptrdiff_t pixel_bytes = ptrdiff_t{lookups_} * kIndexBytes;
    const uint8_t* const end = to + pixels * pixel_bytes;
    for (int32_t x = 0; x < pixels; ++x, from += ptrdiff_t{step_} * in_c_, to += pixel_bytes) {
      for (int32_t j = 0; j < lookups_; j += 32) {
        // A full store may run into the next pixel, which follows, but not past the last one.
        uint8_t* const at = to + j * kIndexBytes;
        if (end - at >= 64) {
          put(from + j, at);
        } else {
          alignas(32) uint8_t bytes[64];
          put(from + j, bytes);
          const int32_t left = lookups_ - j;
          __builtin_memcpy(at, bytes, size_t(left < 32 ? left : 32) * kIndexBytes);
        }
      }
      for (int32_t c = in_c_; c < lookups_ * kChannels; ++c) put_missing(c, to);
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

  // The indices of 32 groups.
  void put(const uint8_t* bytes, uint8_t* to) const {
    __m256i row = codes(bytes);
    for (int32_t i = 1; i < kChannels; ++i) {
      row = _mm256_or_si256(row, _mm256_slli_epi16(codes(bytes + ptrdiff_t{i} * lookups_), 2 * i));
    }
    store(_mm256_castsi256_si128(row), to);
    store(_mm256_extracti128_si256(row, 1), to + 32);
  }

  static void store(__m128i rows, uint8_t* to) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                        _mm256_slli_epi16(_mm256_cvtepu8_epi16(rows), kRowShift));
  }

  // Sets the code of channel c, which does not exist, in the indices of a pixel.
  void put_missing(int32_t c, uint8_t* pixel) const {
    const int32_t shift = c / lookups_ * 2 + kRowShift;
    uint8_t* const at = pixel + ptrdiff_t{c % lookups_} * kIndexBytes;
    uint16_t index;
    __builtin_memcpy(&index, at, sizeof(index));
    index = static_cast<uint16_t>((index & ~(3 << shift)) | missing_ << shift);
    __builtin_memcpy(at, &index, sizeof(index));
  }

  uint8_t below_[3] = {255, 255, 255};  // one less than the bytes of codes 1, 2, 3
  uint8_t missing_ = 0;                 // code of channels past in_c_
  int32_t in_c_, step_, lookups_;
};

}  // namespace

#include "kernels/conv_lut/driver.inc"

extern const ConvKernel conv_lut_binary2_avx2;
const ConvKernel conv_lut_binary2_avx2 = {
    "lut_binary2_avx2", "lut",  Isa::kAvx2, refuse,          cost, packed_bytes, pack, gather_bytes,
    gather_items,       gather, items,      workspace_bytes, run};

}  // namespace weq::kernels
