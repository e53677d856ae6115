// Matrix-vector products of one row without VNNI: vpmaddubsw, its results added in 16 bits as long
// as the bounds allow. Levels of codes by shuffles within 16 bytes.
#include <immintrin.h>

#include <cstring>

#include "kernels/conv_stream/stream.h"

namespace weq::kernels {
namespace {

constexpr int64_t kLeastFlush = 4;  // a step adds two; shorter runs do not pay

inline __m256i load(const void* from) {
  return _mm256_load_si256(static_cast<const __m256i*>(from));
}

template <int kShift>
inline __m256i shifted(__m256i codes) {
  return _mm256_srli_epi16(codes, kShift);
}

inline __m256i look_up(__m256i levels, __m256i index) {
  return _mm256_shuffle_epi8(levels, _mm256_and_si256(index, _mm256_set1_epi8(15)));
}

// Half of vector kV of a step: 8 channels. `from` is the step or, for the other half, 32 bytes on.
template <int kWidth, int kV>
__attribute__((always_inline)) inline __m256i levels_of(const uint8_t* from, __m256i levels) {
  if constexpr (kWidth == 8) {
    return load(from + 64 * kV);
  } else if constexpr (kWidth != 3) {
    constexpr int kShare = 8 / kWidth;
    return look_up(levels, shifted<kV % kShare * kWidth>(load(from + 64 * (kV / kShare))));
  } else if constexpr (kV < 6) {
    return look_up(levels, shifted<kV % 2 * 3>(load(from + 64 * (kV / 2))));
  } else {
    const __m256i upper = _mm256_set1_epi8(4);
    const __m256i low = shifted<6>(load(from + 64 * (kV - 6)));
    const __m256i high = shifted<kV - 2>(load(from + 128));
    return look_up(levels,
                   _mm256_or_si256(_mm256_andnot_si256(upper, low), _mm256_and_si256(upper, high)));
  }
}

// In place: the compiler adds into a copy and moves it back.
inline void add16(__m256i& sum, __m256i x) { asm("vpaddw %1, %0, %0" : "+x"(sum) : "x"(x)); }

template <int kWidth, int kV>
__attribute__((always_inline)) inline void add_vector(__m256i* sums, const uint8_t* from,
                                                      __m256i bytes, __m256i levels) {
  add16(sums[0], _mm256_maddubs_epi16(bytes, levels_of<kWidth, kV>(from, levels)));
  add16(sums[1], _mm256_maddubs_epi16(bytes, levels_of<kWidth, kV>(from + 32, levels)));
}

inline __m256i four_bytes(const uint8_t* from) {
  int32_t quad;
  std::memcpy(&quad, from, sizeof(quad));
  return _mm256_set1_epi32(quad);
}

template <int kWidth>
__attribute__((always_inline)) inline void add_step(__m256i* sums, const uint8_t* weights,
                                                    const uint8_t* row, __m256i levels) {
  const __m256i first = four_bytes(row), second = four_bytes(row + 4);
  add_vector<kWidth, 0>(sums, weights, first, levels);
  add_vector<kWidth, 1>(sums + 2, weights, first, levels);
  add_vector<kWidth, 2>(sums + 4, weights, first, levels);
  add_vector<kWidth, 3>(sums + 6, weights, first, levels);
  add_vector<kWidth, 4>(sums, weights, second, levels);
  add_vector<kWidth, 5>(sums + 2, weights, second, levels);
  add_vector<kWidth, 6>(sums + 4, weights, second, levels);
  add_vector<kWidth, 7>(sums + 6, weights, second, levels);
}

inline void widen(int32_t* acc, __m256i sum) {
  auto* to = reinterpret_cast<__m256i*>(acc);
  const __m256i wide = _mm256_madd_epi16(sum, _mm256_set1_epi16(1));
  _mm256_storeu_si256(to, _mm256_add_epi32(_mm256_loadu_si256(to), wide));
}

// `steps` steps in 16 bits, added to the sums of 64 channels.
template <int kWidth>
__attribute__((noinline)) void add_run(const uint8_t* weights, const uint8_t* row, int64_t steps,
                                       const int8_t* table, int32_t* acc) {
  const __m256i levels = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(table));
  const __m256i zero = _mm256_setzero_si256();
  __m256i sums[] = {zero, zero, zero, zero, zero, zero, zero, zero};
  for (int64_t i = 0; i < steps; ++i) {
    add_step<kWidth>(sums, weights, row, levels);
    weights += 64 * kWidth;
    row += kStreamStep;
  }
  widen(acc, sums[0]), widen(acc + 8, sums[1]), widen(acc + 16, sums[2]);
  widen(acc + 24, sums[3]), widen(acc + 32, sums[4]), widen(acc + 40, sums[5]);
  widen(acc + 48, sums[6]), widen(acc + 56, sums[7]);
}

template <int kWidth>
void sum_block(const StreamBlock& b) {
  std::memcpy(b.acc, b.start, kStreamBlock * sizeof(int32_t));
  const int64_t most = b.flush / 2;
  int64_t step = 0;
  while (step < b.steps) {
    const int64_t run = b.steps - step < most ? b.steps - step : most;
    add_run<kWidth>(b.weights + step * 64 * kWidth, b.rows[0] + step * kStreamStep, run, b.levels,
                    b.acc);
    step += run;
  }
  if (b.tails[0] != nullptr) {
    add_run<kWidth>(b.weights + step * 64 * kWidth, b.tails[0], 1, b.levels, b.acc);
  }
}

constexpr StreamKernels kKernels = {{{},
                                     {sum_block<1>},
                                     {sum_block<2>},
                                     {sum_block<3>},
                                     {sum_block<4>},
                                     {},
                                     {},
                                     {},
                                     {sum_block<8>}}};

const char* refuse(const ConvProblem& problem) {
  const ConvShape& s = problem.shape;
  if (int64_t{s.batch} * s.out_h * s.out_w > 1) return "more than one row";
  const char* reason = stream_refuse(problem);
  if (reason != nullptr) return reason;
  return stream_flush(problem) < kLeastFlush ? "sums do not fit 16 bits" : nullptr;
}

constexpr double kStepCycles[9] = {0, 23, 23, 27, 22, 0, 0, 0, 16};

double cost(const ConvProblem& problem) {
  const double widening = 30.0 * 2 / double(stream_flush(problem));
  double step_cycles[9];
  for (int i = 0; i < 9; ++i) step_cycles[i] = kStepCycles[i] + widening;
  return stream_cost(problem, step_cycles, 0.0);
}
void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
  stream_run(call, kKernels, begin, end, workspace);
}

}  // namespace

extern const ConvKernel conv_stream_avx2;
const ConvKernel conv_stream_avx2 = {"stream_avx2",
                                     "stream",
                                     Isa::kAvx2,
                                     refuse,
                                     cost,
                                     stream_packed_bytes,
                                     stream_pack,
                                     no_gather_bytes,
                                     no_gather_items,
                                     no_gather,
                                     stream_items,
                                     stream_workspace_bytes,
                                     run};

}  // namespace weq::kernels
