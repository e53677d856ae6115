// Real multipliers, biases and boundaries -> the integers of the requantize contract
// (quantization.md, section 4; kernels/requantize/requantize.h):
//
//     v = ((acc + round) >> P) * M[o] + C[o] + F * L_res;     v * q is the real output
//
// Everything is proven to stay inside int32 with exact integer arithmetic; the unit q is the
// smallest that allows it (or the one that places thresholds well).
#pragma once

#include <cstdint>
#include <vector>

namespace weq::convert {

// One quantized output. `boundaries` are where the code changes, ascending, in the domain of v,
// before the activation: the code is the number of boundaries <= real output. -infinity: always
// passed; +infinity: never. A falling activation: negate r, b and the residual first.
struct FitOutput {
  std::vector<double> boundaries;  // codes - 1
  // Equidistant: every finite boundary k (k = 0..) is unit * (k + 1/2 + first), `first` being the
  // level of code 0. The thresholds then are exact shifts.
  bool linear = false;
  double unit = 0;
  int first = 0;
};

struct FitRequest {
  // Per output channel: real output = multiplier * acc + bias, acc in [acc_low, acc_high] (true
  // levels, |acc| < 2^31).
  std::vector<double> multiplier, bias;
  std::vector<int64_t> acc_low, acc_high;
  double residual_unit = 0;  // 0: none; else the real output has residual_unit * L_res added
  int32_t residual_low = 0, residual_high = 0;  // extremes of L_res
  std::vector<FitOutput> outputs;               // 0 (raw v), 1 or 2
  bool allow_pre_shift = true;
  // Grid thresholds are used where they cost no more than this many dB of the output's
  // signal-to-noise (estimated); else thresholds are exact and found by search.
  double max_snap_db = 0.7;
};

enum class FitForm { kRaw, kLinear, kGrid, kSignedGrid, kSearch };

struct FitThresholds {
  std::vector<int32_t> values;  // ascending; INT32_MIN: always passed, INT32_MAX: never
  FitForm form = FitForm::kSearch;
  int grid_bits = 0;   // mantissa bits of the grid forms
  double snap_db = 0;  // estimated cost of snapping
};

struct RequantizeFit {
  int pre_shift = 0;
  std::vector<int32_t> multiplier, addend;
  int32_t residual_factor = 0;
  float unit = 1;       // q
  int64_t v_bound = 0;  // proven: |v| <= v_bound < 2^31, and so are all intermediate values
  std::vector<FitThresholds> outputs;
};

// Throws std::invalid_argument where arrays disagree or a number is not finite. Channels whose acc
// can only be 0 get multiplier 0.
RequantizeFit fit_requantize(const FitRequest& request);

// v = factor_a * La + factor_b * Lb + addend.
struct AddFit {
  int32_t factor_a = 0, factor_b = 0, addend = 0;
  float unit = 1;
  int64_t v_bound = 0;
  std::vector<FitThresholds> outputs;
};
struct LevelRange {
  int32_t low = 0, high = 0;
};
AddFit fit_add(double unit_a, LevelRange a, double unit_b, LevelRange b, double bias,
               const std::vector<FitOutput>& outputs);

// v = ((acc + round) >> pre_shift) * multiplier + addend, for one acc: Multiply, ResizeLinear, LRN.
RequantizeFit fit_scalar(double multiplier, double bias, int64_t acc_low, int64_t acc_high,
                         const std::vector<FitOutput>& outputs);

// Averages: acc = sum of n levels, M = (2 * scaled_multiplier / n + 2^scale_bits) >> (scale_bits +
// 1), v = acc * M + addend, for every n in 1..max_window. `unit_in`: real value of level 1. `sum`:
// n counts as 1, the real output is the sum.
struct AverageFit {
  int64_t scaled_multiplier = 0;
  int scale_bits = 0;
  int32_t addend = 0;
  float unit = 1;
  int64_t v_bound = 0;
  std::vector<FitThresholds> outputs;
};
AverageFit fit_average(double unit_in, LevelRange levels, int64_t max_window, bool sum, double bias,
                       const std::vector<FitOutput>& outputs);
// The multiplier the runtime derives for a window of n.
int64_t average_multiplier(int64_t scaled_multiplier, int scale_bits, int64_t n);

}  // namespace weq::convert
