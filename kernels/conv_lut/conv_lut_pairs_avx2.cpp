// Tables of channel pairs: the table of a pair in both halves of a register, one vpshufb for 64
// products, added in bytes as far as they fit (PairPass::together).
#include <cstring>
#include <utility>

#include "kernels/conv_lut/avx2_words.h"
#include "kernels/conv_lut/pairs.h"

namespace weq::kernels {
namespace {

constexpr int32_t kLanes = 32, kPairs = 4;  // of a lookup

inline Vec table(const uint8_t* from) {
  return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(from)));
}

// The entries of one pair, for P pixels x V vectors; `first` of a run of them.
template <bool kFirst, int P, int V>
inline void look_up(const uint8_t* tables, const ptrdiff_t* distance, const uint8_t* panel,
                    Vec (&bytes)[P][V]) {
  Vec weights[V];
#pragma GCC unroll 2
  for (int v = 0; v < V; ++v) weights[v] = load(panel + v * kLanes);
#pragma GCC unroll 4
  for (int p = 0; p < P; ++p) {
    const Vec sums = table(tables + distance[p]);
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) {
      if constexpr (kFirst) {
        bytes[p][v] = lookup(sums, weights[v]);
      } else {
        add8(lookup(sums, weights[v]), &bytes[p][v]);
      }
    }
  }
}

// kRun entries are added in bytes; 0: as many as the pass allows.
template <int kRun, int P, int V>
[[gnu::noinline]] void sum_tile(const PairPass& pass, const uint8_t* const* windows,
                                int32_t* sums) {
  Words words[P][V];
#pragma GCC unroll 4
  for (int p = 0; p < P; ++p) {
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) words[p][v] = zero_words();
  }
  // The first pixel's pointer runs, the others keep their distance: few registers in the loop.
  ptrdiff_t distance[P];
#pragma GCC unroll 4
  for (int p = 0; p < P; ++p) distance[p] = windows[p] - windows[0];
  const ptrdiff_t pair_bytes = kPairTableBytes / kPairs, together = pass.together;
  const uint8_t* panel = pass.panel;
  for (int32_t s = 0; s < pass.segment_count; ++s) {
    const uint8_t* tables = windows[0] + pass.segments[s] + ptrdiff_t{pass.begin} * kPairTableBytes;
    ptrdiff_t left = ptrdiff_t{pass.end - pass.begin} * kPairs;
    do {
      Vec bytes[P][V];
      look_up<true>(tables, distance, panel, bytes);
      tables += pair_bytes;
      panel += V * kLanes;
      const ptrdiff_t run = kRun != 0 ? kRun : together < left ? together : left;
      left -= run;
      if constexpr (kRun != 1) {
#pragma GCC unroll 3
        for (ptrdiff_t more = run - 1; more > 0; --more) {
          look_up<false>(tables, distance, panel, bytes);
          tables += pair_bytes;
          panel += V * kLanes;
        }
      }
#pragma GCC unroll 4
      for (int p = 0; p < P; ++p) {
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v) widen(bytes[p][v], &words[p][v]);
      }
    } while (left > 0);
  }
#pragma GCC unroll 4
  for (int p = 0; p < P; ++p) {
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) {
      int32_t* to = sums + p * kPairBlock + v * kLanes;
      store_words(words[p][v], pass.start != nullptr ? pass.start + v * kLanes : to, to);
    }
  }
}

template <int kRun, int P, int V>
void sum_tiles(const PairPass& pass, const uint8_t* const* windows, int32_t pixels, int32_t* sums) {
  int32_t pixel = 0;
  for (; pixel + P <= pixels; pixel += P) {
    sum_tile<kRun, P, V>(pass, windows + pixel, sums + pixel * kPairBlock);
  }
  if constexpr (P > 1) {
    sum_tiles<kRun, P / 2, V>(pass, windows + pixel, pixels - pixel, sums + pixel * kPairBlock);
  }
}

template <int kRun>
void sum_runs(const PairPass& pass, const uint8_t* const* windows, int32_t pixels, int32_t* sums) {
  const bool wide = pass.channels > kLanes;
  (wide ? sum_tiles<kRun, 2, 2> : sum_tiles<kRun, 4, 1>)(pass, windows, pixels, sums);
}

void sum(const PairPass& pass, const uint8_t* const* windows, int32_t pixels, int32_t* sums) {
  const int32_t together = pass.together;
  const auto run = together == 1  ? sum_runs<1>
                   : together < 4 ? sum_runs<2>
                   : together < 8 ? sum_runs<4>
                                  : sum_runs<0>;
  run(pass, windows, pixels, sums);
}

inline Vec load_unaligned(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

// The tables of pairs 2 * half and 2 * half + 1 of 8 bytes, one in each lane.
inline void make_half(const PairConstants& constants, Vec bytes, int half, uint8_t* to) {
  const auto pair = static_cast<int16_t>(0x0100 + 0x0404 * half);
  const Vec spread =
      _mm256_set_m128i(_mm_set1_epi16(static_cast<int16_t>(pair + 0x0202)), _mm_set1_epi16(pair));
  const Vec pairs = _mm256_shuffle_epi8(bytes, spread);
  const Vec low = _mm256_maddubs_epi16(pairs, load_unaligned(constants.low));
  const Vec high = _mm256_maddubs_epi16(pairs, load_unaligned(constants.high));
  const Vec sums =
      _mm256_or_si256(_mm256_and_si256(low, _mm256_set1_epi16(0x00FF)), _mm256_slli_epi16(high, 8));
  _mm256_store_si256(reinterpret_cast<__m256i*>(to + 32 * half),
                     _mm256_add_epi8(sums, load_unaligned(constants.bias)));
}

void make_tables(const PairConstants& constants, const uint8_t* from, ptrdiff_t step, int32_t in_c,
                 uint8_t missing, int32_t pixels, uint8_t* tables) {
  for (int32_t x = 0; x < pixels; ++x, from += step) {
    for (int32_t c = 0; c < in_c; c += kPairChannels, tables += kPairTableBytes) {
      uint64_t bytes = missing * UINT64_C(0x0101010101010101);
      if (in_c - c >= kPairChannels) {
        std::memcpy(&bytes, from + c, sizeof(bytes));
      } else {
        std::memcpy(&bytes, from + c, size_t(in_c - c));
      }
      const Vec all = _mm256_set1_epi64x(static_cast<int64_t>(bytes));
      make_half(constants, all, 0, tables);
      make_half(constants, all, 1, tables);
    }
  }
}

// [pair][vector][lane], lanes as `store_words` wants them.
size_t place(int32_t channels, int32_t channel, int32_t pair) {
  const int32_t c = channel % kLanes;
  const int32_t lane = 2 * c < kLanes ? 2 * c : 2 * c - kLanes + 1;
  return size_t(pair * channels + channel - c + lane);
}
uint8_t base(int32_t) { return 0; }

constexpr PairOps kOps = {make_tables, sum, place, base, kLanes};
constexpr PairCycles kCycles = {5.1, {2.4, 1.9, 1.66}, 4.3, 0.82};

double cost(const ConvProblem& problem) { return pair_cost(problem, kOps, kCycles); }
size_t packed_bytes(const ConvProblem& problem) { return pair_packed_bytes(problem, kOps); }
void pack(const ConvProblem& problem, void* packed) { pair_pack(problem, kOps, packed); }
void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
  pair_run(call, kOps, begin, end, workspace);
}

}  // namespace

extern const ConvKernel conv_lut_pairs_avx2;
const ConvKernel conv_lut_pairs_avx2 = {"lut_pairs_avx2",
                                        "lut",
                                        Isa::kAvx2,
                                        pair_refuse,
                                        cost,
                                        packed_bytes,
                                        pack,
                                        no_gather_bytes,
                                        no_gather_items,
                                        no_gather,
                                        pair_items,
                                        pair_workspace_bytes,
                                        run};

}  // namespace weq::kernels
