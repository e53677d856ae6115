// Depthwise windows without VNNI, 32 channels at a time. How products are added depends on the
// largest byte times the largest weight:
//   sums of a window's pairs fit 16 bits   vpmaddubsw, added in 16 bits, widened at the end
//   one pair fits                          every pair widened at once
//   else                                   16-bit operands and vpmaddwd
#include <immintrin.h>

#include <cstring>

#include "kernels/conv_depthwise/window_body.h"
#include "kernels/conv_depthwise/window_ymm.h"
#include "kernels/requantize/avx2_forms.h"

namespace weq::kernels {
namespace {

constexpr int32_t kBlock = 32;  // channels

struct Ymm : YmmBase {
  // Too few registers to keep what memory operands serve as well.
  static void keep(Reg&) {}
  static void store_channels(uint8_t* to, Reg x, int32_t channels) {
    if (channels == kBlock) {
      _mm256_storeu_si256(reinterpret_cast<Reg*>(to), x);
    } else {
      alignas(32) uint8_t bytes[kBlock];
      store(bytes, x);
      std::memcpy(to, bytes, size_t(channels));
    }
  }
};

template <class V>
class Lookup {
 public:
  explicit Lookup(const uint8_t* table) : table_(table) {}
  __m256i operator()(__m256i index) const { return table_(index); }

 private:
  ByteTable table_;
};

}  // namespace
}  // namespace weq::kernels

#include "kernels/conv_depthwise/window_sinks.h"

namespace weq::kernels {
namespace {

// In place: the compiler adds into a copy and moves it back.
inline void add16(__m256i& sum, __m256i x) { asm("vpaddw %1, %0, %0" : "+x"(sum) : "x"(x)); }
inline void add32(__m256i& sum, __m256i x) { asm("vpaddd %1, %0, %0" : "+x"(sum) : "x"(x)); }
inline __m256i widened(__m256i sum) { return _mm256_madd_epi16(sum, _mm256_set1_epi16(1)); }

struct ByteProducts {
  using V = Ymm;
  using Reg = __m256i;
  using Quad = Reg;
  using Weights = Reg;
  static constexpr ptrdiff_t kWeightBytes = V::kBytes;
  static Quad quad(const uint8_t* from) { return V::load(from); }
  static Weights weights(const int8_t* from) { return V::load(from); }
};

struct NarrowProducts : ByteProducts {
  static void add(Reg& sum, Quad x, Weights w) { add16(sum, _mm256_maddubs_epi16(x, w)); }
  static Reg finish(Reg sum) { return widened(sum); }
};

struct WidenedProducts : ByteProducts {
  static void add(Reg& sum, Quad x, Weights w) { add32(sum, widened(_mm256_maddubs_epi16(x, w))); }
  static Reg finish(Reg sum) { return sum; }
};

struct WordProducts {
  using V = Ymm;
  using Reg = __m256i;
  struct Quad {
    Reg even, odd;
  };
  using Weights = Quad;
  static constexpr ptrdiff_t kWeightBytes = 2 * V::kBytes;
  static Quad quad(const uint8_t* from) {
    const Reg bytes = V::load(from);
    return {_mm256_and_si256(bytes, _mm256_set1_epi16(0xff)), _mm256_srli_epi16(bytes, 8)};
  }
  static Weights weights(const int8_t* from) { return {V::load(from), V::load(from + V::kBytes)}; }
  static void add(Reg& sum, const Quad& x, const Weights& w) {
    add32(sum, _mm256_madd_epi16(x.even, w.even));
    add32(sum, _mm256_madd_epi16(x.odd, w.odd));
  }
  static Reg finish(Reg sum) { return sum; }
};

template <class Products, template <class> class Sink>
void run_sink(const WindowStrip& s, const Thresholds& t) {
  const Sink<Ymm> sink(t);
  if (s.size == 3 && s.stride == 1) return run_window<Products, Window<3, 1>>(s, sink);
  if (s.size == 3) return run_window<Products, Window<3, 2>>(s, sink);
  if (s.stride == 1) return run_window<Products, Window<5, 1>>(s, sink);
  return run_window<Products, Window<5, 2>>(s, sink);
}

void fold_start(int32_t round, int32_t, WindowConstants* constants) {
  fold_start_of<Ymm>(round, constants);
}

template <class Products>
constexpr WindowKernels kKernels = {kBlock, run_sink<Products, LinearSink>,
                                    run_sink<Products, GridSink>, run_sink<Products, TileSink>,
                                    fold_start};

// A 16-bit lane of a sum takes two rows of a quad: of a window of 3, two of its rows, of 5 at most
// four, all columns of each.
int64_t products_of_lane(const ConvShape& s) { return s.kernel_h == 3 ? 6 : 20; }

int64_t largest_product(const ConvProblem& problem) {
  const int64_t max_byte = int64_t{problem.input->max_level} + problem.input->offset;
  return max_byte * problem.bounds.max_abs_weight;
}
bool is_narrow(const ConvProblem& problem) {
  return products_of_lane(problem.shape) * largest_product(problem) <= 32767;
}
WindowLayout layout_of(const ConvProblem& problem) {
  return 2 * largest_product(problem) <= 32767 ? WindowLayout::kBytes : WindowLayout::kWords;
}

double cost(const ConvProblem& problem) {
  const bool bytes = layout_of(problem) == WindowLayout::kBytes;
  const double per_product = is_narrow(problem) ? 1.15 : bytes ? 1.6 : 2.6;
  return window_cost(problem, kBlock, 30.0, per_product, 31.0);
}
size_t packed_bytes(const ConvProblem& problem) {
  return window_packed_bytes(problem, kBlock, layout_of(problem));
}
void pack(const ConvProblem& problem, void* packed) {
  window_pack(problem, kBlock, layout_of(problem), packed);
}
int64_t items(const ConvProblem& problem) { return window_items(problem, kBlock); }
void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
  const ConvProblem& problem = *call.problem;
  const WindowLayout layout = layout_of(problem);
  if (layout == WindowLayout::kWords) {
    window_run(call, kKernels<WordProducts>, layout, begin, end, workspace);
  } else if (is_narrow(problem)) {
    window_run(call, kKernels<NarrowProducts>, layout, begin, end, workspace);
  } else {
    window_run(call, kKernels<WidenedProducts>, layout, begin, end, workspace);
  }
}

}  // namespace

extern const ConvKernel conv_depthwise_window_avx2;
const ConvKernel conv_depthwise_window_avx2 = {"depthwise_window_avx2",
                                               "depthwise",
                                               Isa::kAvx2,
                                               window_refuse,
                                               cost,
                                               packed_bytes,
                                               pack,
                                               no_gather_bytes,
                                               no_gather_items,
                                               no_gather,
                                               items,
                                               window_workspace_bytes,
                                               run};

}  // namespace weq::kernels
