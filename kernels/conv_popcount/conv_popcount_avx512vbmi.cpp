// Counted bits: 8 output channels of 64 input channels in a vector, 512 products for three
// instructions (logic, vpopcntq, vpaddq).
#include <immintrin.h>

#include "kernels/conv/target.h"
#include "kernels/conv_popcount/popcount.h"

namespace weq::kernels {
namespace {

constexpr int32_t kGroup = kPopcountGroup, kIndexBytes = 8;
constexpr int32_t kLanes = 8, kVectors = kPopcountBlock / kLanes;
constexpr int kPixels = 4;             // of a register tile
constexpr int32_t kRowsPerItem = 16;   // output pixels of a work item,
constexpr int32_t kItemChannels = 64;  // times two blocks
constexpr struct {
  double word = 1.52, word_of_lone_row = 3.0, store = 2.9, requantize = 0.25, gather = 4.0;
} kCycles;

// Turns pixels of stored bytes into words of bits.
class IndexRow {
 public:
  IndexRow(const ConvProblem& problem, const LutLayout& layout)
      : one_(problem.input->byte_of_code[1]),
        in_c_(problem.shape.in_c),
        step_(ptrdiff_t{layout.step_w} * problem.shape.in_c) {}

  void operator()(const uint8_t* from, int32_t pixels, uint8_t* to) const {
    const __m512i one = _mm512_set1_epi8(static_cast<char>(one_));
    for (int32_t x = 0; x < pixels; ++x, from += step_) {
      for (int32_t c = 0; c < in_c_; c += kGroup, to += kIndexBytes) {
        const int32_t left = in_c_ - c;
        const __mmask64 lanes = left >= kGroup ? ~__mmask64{0} : (__mmask64{1} << left) - 1;
        const uint64_t bits = _mm512_mask_cmpeq_epi8_mask(lanes, _mm512_loadu_si512(from + c), one);
        __builtin_memcpy(to, &bits, sizeof(bits));
      }
    }
  }

 private:
  uint8_t one_;
  int32_t in_c_;
  ptrdiff_t step_;
};

}  // namespace

#include "kernels/conv_lut/image.inc"

namespace {

struct Block {
  const uint64_t* panel;
  const int32_t* start;
  const ptrdiff_t* segments;  // bytes from a window's first word to each segment
  int32_t segment_count;
  ptrdiff_t segment_bytes;
  int32_t scale;
};

// In place: the compiler would copy the counts.
inline void add64(__m512i a, __m512i* sum) { asm("vpaddq %1, %0, %0" : "+v"(*sum) : "v"(a)); }

template <bool kExclusive>
inline __m512i counted(__m512i a, __m512i b) {
  return _mm512_popcnt_epi64(kExclusive ? _mm512_xor_si512(a, b) : _mm512_and_si512(a, b));
}

// tile[p * kItemChannels + channel] = exact sums of P output pixels.
template <bool kExclusive, int P>
[[gnu::noinline]] void accumulate(const Block& block, const uint8_t* const* windows,
                                  int32_t* tile) {
  __m512i counts[P][kVectors];
#pragma GCC unroll 4
  for (int p = 0; p < P; ++p) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) counts[p][v] = _mm512_setzero_si512();
  }
  // The first pixel's pointer runs, the others keep their distance: few registers in the loop.
  ptrdiff_t distance[P];
#pragma GCC unroll 4
  for (int p = 0; p < P; ++p) distance[p] = windows[p] - windows[0];
  const uint64_t* panel = block.panel;
  for (int32_t s = 0; s < block.segment_count; ++s) {
    const uint8_t* word = windows[0] + block.segments[s];
    const uint8_t* const end = word + block.segment_bytes;
    for (; word != end; word += kIndexBytes, panel += kPopcountBlock) {
      __m512i weights[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) weights[v] = _mm512_load_si512(panel + v * kLanes);
#pragma GCC unroll 4
      for (int p = 0; p < P; ++p) {
        int64_t bits;
        __builtin_memcpy(&bits, word + distance[p], sizeof(bits));
        const __m512i a = _mm512_set1_epi64(bits);
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) add64(counted<kExclusive>(a, weights[v]), &counts[p][v]);
      }
    }
  }
  const __m256i scale = _mm256_set1_epi32(block.scale);
#pragma GCC unroll 4
  for (int p = 0; p < P; ++p) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const __m256i start =
          _mm256_load_si256(reinterpret_cast<const __m256i*>(block.start + v * kLanes));
      const __m256i scaled = _mm256_mullo_epi32(_mm512_cvtepi64_epi32(counts[p][v]), scale);
      _mm256_store_si256(reinterpret_cast<__m256i*>(tile + p * kItemChannels + v * kLanes),
                         _mm256_add_epi32(scaled, start));
    }
  }
}

template <bool kExclusive, int P = kPixels>
void accumulate_rows(const Block& block, const uint8_t* const* windows, int32_t rows,
                     int32_t* tile) {
  int32_t r = 0;
  for (; r + P <= rows; r += P) {
    accumulate<kExclusive, P>(block, windows + r, tile + r * kItemChannels);
  }
  if constexpr (P > 1) {
    accumulate_rows<kExclusive, P / 2>(block, windows + r, rows - r, tile + r * kItemChannels);
  }
}

int64_t row_blocks(const ConvShape& s) {
  return (int64_t{s.batch} * s.out_h * s.out_w + kRowsPerItem - 1) / kRowsPerItem;
}

double cost(const ConvProblem& problem) {
  const ConvShape& s = problem.shape;
  const LutLayout l = lut_layout(s, kGroup);
  const double rows = double(s.batch) * s.out_h * s.out_w;
  const double vectors = double(round_up(size_t(s.out_c), size_t{kPopcountBlock})) / kLanes;
  const double pixels = double(s.batch) * l.rows * l.cols;
  const double word = rows == 1 ? kCycles.word_of_lone_row : kCycles.word;
  return rows * vectors * (double(l.total_lookups()) * word + kCycles.store) +
         rows * s.out_c * kCycles.requantize + pixels * l.lookups * kCycles.gather;
}

size_t packed_bytes(const ConvProblem& problem) { return PopcountPacked(problem.shape).bytes; }

int64_t items(const ConvProblem& problem) {
  return (problem.shape.out_c + kItemChannels - 1) / kItemChannels * row_blocks(problem.shape);
}

constexpr size_t kTileBytes = size_t{kRowsPerItem} * kItemChannels * sizeof(int32_t);

// The tile, then the segments' offsets.
size_t workspace_bytes(const ConvProblem& problem) {
  const LutLayout l = lut_layout(problem.shape, kGroup);
  return kTileBytes + size_t(l.segments_h) * size_t(l.segments_w) * sizeof(ptrdiff_t);
}

void find_segments(const LutLayout& l, ptrdiff_t* segments) {
  for (int32_t y = 0; y < l.segments_h; ++y) {
    for (int32_t x = 0; x < l.segments_w; ++x) {
      *segments++ = y * l.segment_step_h * row_bytes(l) +
                    ptrdiff_t{x} * l.segment_step_w * l.lookups * kIndexBytes;
    }
  }
}

void run(const ConvCall& call, int64_t first_item, int64_t end_item, void* workspace) {
  const ConvShape& s = call.problem->shape;
  const LutLayout l = lut_layout(s, kGroup);
  const PopcountPacked offsets(s);
  const auto* packed = static_cast<const uint8_t*>(call.packed);
  const auto& constants = *static_cast<const PopcountConstants*>(call.packed);
  auto* tile = static_cast<int32_t*>(workspace);
  auto* segments = reinterpret_cast<ptrdiff_t*>(static_cast<uint8_t*>(workspace) + kTileBytes);
  find_segments(l, segments);
  const int64_t all_rows = int64_t{s.batch} * s.out_h * s.out_w, blocks = row_blocks(s);
  for (int64_t item = first_item; item < end_item; ++item) {
    const auto channel = static_cast<int32_t>(item / blocks * kItemChannels);
    const int64_t row = item % blocks * kRowsPerItem;
    const auto rows =
        static_cast<int32_t>(all_rows - row < kRowsPerItem ? all_rows - row : kRowsPerItem);
    const uint8_t* windows[kRowsPerItem];
    find_windows(call, l, row, rows, windows);
    const int32_t channels = min32(s.out_c - channel, kItemChannels);
    for (int32_t c = 0; c < channels; c += kPopcountBlock) {
      const auto* panel =
          packed + offsets.panels + size_t((channel + c) / kPopcountBlock) * offsets.block_bytes;
      const Block block = {reinterpret_cast<const uint64_t*>(panel),
                           reinterpret_cast<const int32_t*>(packed + offsets.start) + channel + c,
                           segments,
                           l.segments_h * l.segments_w,
                           ptrdiff_t{l.segment} * kIndexBytes,
                           constants.scale};
      constants.exclusive != 0 ? accumulate_rows<true>(block, windows, rows, tile + c)
                               : accumulate_rows<false>(block, windows, rows, tile + c);
    }
    call.requantize->run(*call.epilogue, tile, kItemChannels, rows, channel, channels,
                         conv_target(call, row, channel));
  }
}

}  // namespace

extern const ConvKernel conv_popcount_avx512vbmi;
const ConvKernel conv_popcount_avx512vbmi = {"popcount_avx512vbmi",
                                             "popcount",
                                             Isa::kAvx512Vbmi,
                                             popcount_refuse,
                                             cost,
                                             packed_bytes,
                                             popcount_pack,
                                             gather_bytes,
                                             gather_items,
                                             gather,
                                             items,
                                             workspace_bytes,
                                             run};

}  // namespace weq::kernels
