// Direct convolution without VNNI, exact for every input. vpmaddubsw adds pairs of products in 16
// bits with saturation; ConvBounds::sum16_flush = F says how many of its results may be added up
// before they are widened (conv/bounds.h).
//   F >= 3  runs of at most F quads in 16 bits, then added to the 32-bit sums of the tile
//   F >= 1  every result widened at once
//   F = 0   the input widened to words (conv/words.h) and vpmaddwd, never out of range
#include "kernels/conv/words.h"
#include "kernels/conv_direct/avx2_body.h"

namespace weq::kernels {
namespace {

constexpr int32_t kLeastNarrowRun = 3;  // shorter runs do not pay for the widening

// In place: the compiler adds into a copy and moves it back, at the price of two instructions.
inline void add16(__m256i& sum, __m256i x) { asm("vpaddw %1, %0, %0" : "+x"(sum) : "x"(x)); }
inline void add32(__m256i& sum, __m256i x) { asm("vpaddd %1, %0, %0" : "+x"(sum) : "x"(x)); }

inline __m256i ones() { return _mm256_set1_epi16(1); }

// The three ways to multiply a step, 4 bytes of a pixel, by 8 channels' weights and to add the
// products: a quad of bytes or a pair of words.
struct NarrowProducts {
  static constexpr size_t kPixels = 4;
  static constexpr int32_t kStepsOfQuad = 1, kBits = 16;
  static void add(__m256i& sum, __m256i x, __m256i w) { add16(sum, _mm256_maddubs_epi16(x, w)); }
  static __m256i finish(__m256i sum) { return _mm256_madd_epi16(sum, ones()); }
};

struct WidenedProducts {
  static constexpr size_t kPixels = 4;
  static constexpr int32_t kStepsOfQuad = 1, kBits = 32;
  static void add(__m256i& sum, __m256i x, __m256i w) {
    add32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(x, w), ones()));
  }
  static __m256i finish(__m256i sum) { return sum; }
};

struct WordProducts {
  static constexpr size_t kPixels = 4;
  static constexpr int32_t kStepsOfQuad = 2, kBits = 32;
  static void add(__m256i& sum, __m256i x, __m256i w) { add32(sum, _mm256_madd_epi16(x, w)); }
  static __m256i finish(__m256i sum) { return sum; }
};

DirectLayout layout_of(const ConvProblem& problem) {
  return problem.bounds.sum16_flush >= 1 ? DirectLayout::kVectorBytes : DirectLayout::kVectorWords;
}
bool has_words(const ConvProblem& problem) {
  return layout_of(problem) == DirectLayout::kVectorWords;
}

double cost(const ConvProblem& problem) {
  const int32_t flush = problem.bounds.sum16_flush;
  const double rate = flush == 0 ? 24 : flush < kLeastNarrowRun ? 29 : 50.0 * flush / (flush + 1.2);
  return direct_cost(problem, layout_of(problem), rate, 1.2);
}
size_t packed_bytes(const ConvProblem& problem) {
  return direct_packed_bytes(problem, layout_of(problem));
}
void pack(const ConvProblem& problem, void* packed) {
  direct_pack(problem, layout_of(problem), packed);
}

size_t gather_bytes(const ConvProblem& problem) {
  return has_words(problem) ? word_bytes(problem) : border_bytes(problem);
}
int64_t gather_items(const ConvProblem& problem) {
  return has_words(problem) ? word_items(problem) : border_items(problem);
}
void gather(const ConvCall& call, int64_t begin, int64_t end) {
  if (has_words(*call.problem)) return word_gather(call, begin, end);
  border_gather(call, begin, end);
}

int64_t items(const ConvProblem& problem) { return direct_items(problem, layout_of(problem)); }
void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
  const int32_t flush = call.problem->bounds.sum16_flush;
  const DirectLayout layout = layout_of(*call.problem);
  if (flush == 0) {
    direct_run(call, layout, begin, end, workspace, run_tile<WordProducts>, INT32_MAX);
  } else if (flush < kLeastNarrowRun) {
    direct_run(call, layout, begin, end, workspace, run_tile<WidenedProducts>, INT32_MAX);
  } else {
    direct_run(call, layout, begin, end, workspace, run_tile<NarrowProducts>, flush);
  }
}

}  // namespace

extern const ConvKernel conv_direct_avx2;
const ConvKernel conv_direct_avx2 = {"direct_avx2",
                                     "direct",
                                     Isa::kAvx2,
                                     direct_refuse,
                                     cost,
                                     packed_bytes,
                                     pack,
                                     gather_bytes,
                                     gather_items,
                                     gather,
                                     items,
                                     direct_workspace_bytes,
                                     run};

}  // namespace weq::kernels
