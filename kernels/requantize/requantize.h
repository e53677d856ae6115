// Requantize: from accumulator to stored byte. The contract that ends every arithmetic kernel
// (quantization.md, section 4):
//
//     a    = (acc + round_P) >> P            round_P = P ? 2^(P-1) : 0
//     v    = a * M[c] + C[c] + F * level(residual byte)
//     code = number of k with v >= T[k]      T ascending, equal neighbours allowed: the codes
//                                            between them are never produced
//     byte = store[code]
//
// all in int32. The converter proves, and the loader checks again, that nothing overflows. One or
// two outputs share v, each with its own thresholds. `reference.cpp` is the meaning (a binary
// search); every other kernel must give the same bytes for every v.
#pragma once

#include "kernels/contract.h"
#include "kernels/isa.h"

namespace weq::kernels {

// How a kernel may find the code. `prepare_thresholds` picks the first form that provably equals
// the definition for every v that can occur: -v_bound <= v <= v_bound, v < 2^31.
enum class ThresholdForm : uint8_t {
  kLinear,      // code = clamp((v + round) >> shift, low, high)
  kGrid,        // code = table[clamp((bits(float(v)) >> grid_shift) - base, 0, 127)]
  kSignedGrid,  // the same on |v|, with a second table for v < 0
  kSearch,      // binary search over the thresholds
};

struct Thresholds {
  ThresholdForm form = ThresholdForm::kSearch;
  const int32_t* values = nullptr;  // `count` ascending thresholds; owned by the file or a caller
  int32_t count = 0;                // codes - 1, 0..255
  uint8_t store[256] = {};          // stored byte of each code
  // kLinear. v + round never overflows: checked against the bound given to prepare_thresholds.
  int32_t shift = 0, round = 0, low = 0, high = 0;
  bool store_is_code = false;  // store[k] == k for all k: the lookup may be skipped
  // kGrid, kSignedGrid: tables hold stored bytes, not codes.
  int32_t grid_shift = 0, base = 0, base_negative = 0;
  uint8_t table[128] = {}, table_negative[128] = {};
};

// Fills `out` from thresholds `values[0..count)`, ascending, and the consumer's map. `v_bound` is
// the proven bound on |v|. `values` must outlive `out`. Needs round-to-nearest-even, which the
// engine asserts when a session is made.
void prepare_thresholds(const int32_t* values, int32_t count, const LevelMap& map, int64_t v_bound,
                        Thresholds* out);

struct Epilogue {
  int32_t pre_shift = 0;                // P
  const int32_t* multiplier = nullptr;  // M, one per channel, padded to kChannelPad
  const int32_t* addend = nullptr;      // C, likewise
  int32_t residual_factor = 0;          // F; 0 when there is no residual
  const LevelMap* residual_map = nullptr;
  int32_t outputs = 0;  // 0: the raw v is stored as int32 units; else 1 or 2
  Thresholds output[2];
};

// Where a tile of results goes. Row r of the tile starts at pointer + r * stride (in elements).
struct EpilogueTarget {
  const uint8_t* residual = nullptr;
  ptrdiff_t residual_stride = 0;
  uint8_t* bytes[2] = {nullptr, nullptr};
  int32_t* units = nullptr;  // used when Epilogue::outputs == 0
  ptrdiff_t stride = 0;      // of bytes and units alike
};

// Requantizes acc[r * acc_stride + c] for r < rows, c < channels. All pointers of `target` already
// point at the tile's first row and first channel; `channel0` is that channel's index into M and C.
// acc must be readable up to acc_stride * rows, outputs are written for exactly `channels`
// elements.
using RequantizeFn = void (*)(const Epilogue& epilogue, const int32_t* acc, ptrdiff_t acc_stride,
                              int32_t rows, int32_t channel0, int32_t channels,
                              const EpilogueTarget& target);

struct RequantizeKernel {
  const char* name;
  Isa isa;
  RequantizeFn run;
};

// Best first; the last entry is the reference. `kernels.inc` is the list.
extern const RequantizeKernel* const kRequantizeKernels[];
extern const int kRequantizeKernelCount;

// The first kernel of the list that `limit` allows.
const RequantizeKernel& select_requantize(Isa limit);

}  // namespace weq::kernels
