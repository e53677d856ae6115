// Calibration data of one tensor -> an activation code (quantization.md, section 2).
#pragma once

#include <cstddef>
#include <vector>

#include "converters/quantize/codebook.h"
#include "converters/quantize/histogram.h"

namespace weq::convert {

enum class CodeKind { kLinear, kLog, kSignedLog, kFree };  // as in the file
enum class ActivationChoice { kLog, kLinear, kFree, kAuto };

struct ActivationOptions {
  int bits = 4;  // 1..8
  ActivationChoice kind = ActivationChoice::kAuto;
  Criterion criterion =
      Criterion::kMse;  // kWeightedEntropy: log codes only; kOutput counts as kMse
  // false: the code starts at 0 and everything below reads as 0 (ReLU is part of the code). true: a
  // tensor that goes negative gets negative levels.
  bool allow_negative = true;
  // Magnitude that integer levels may have later (integer_levels.h): linear codes have no more
  // than max_level levels on a side, and the choice of `kAuto` counts the loss of rounding.
  int max_level = 255;
};

// A real number x has the code `number of boundaries <= x`; code k stands for levels[k]. Monotone.
struct ActivationCode {
  CodeKind kind = CodeKind::kLinear;
  std::vector<double> levels;      // ascending, distinct; exactly one of them is 0
  std::vector<double> boundaries;  // levels.size() - 1: midway between neighbours (kMse), or where
                                   // the rounding of the log code lies (kWeightedEntropy)
  int fsr = 0, step = 0;           // kLog, kSignedLog: sixteenths of an octave
  int negative_codes = 0;          // codes below the zero level = index of the zero level
  double unit = 0;                 // kLinear: distance of two levels
  double squared_error = 0;  // sum over the data / sum of squares of the data (of its positive
                             // part without allow_negative); 0 when that is 0
};

// Never fails: a histogram without (positive) values gives a valid code. Throws
// std::invalid_argument on options out of range. At up to 5 bits kAuto takes the log code unless
// the free one is better by 0.1 dB, since two numbers replace a table and shift kernels can run it;
// at 6 and more it takes linear unless log is better by 1 dB, since its thresholds are a shift.
ActivationCode choose_activation(const Histogram& histogram, const ActivationOptions& options);

// The log code with given numbers: `negative_codes` levels below 0, `positive_codes` above, with
// boundaries as `criterion` has them. squared_error stays 0.
ActivationCode make_log_code(int fsr, int step, int negative_codes, int positive_codes,
                             Criterion criterion);

// Squared error of a code on the data, as in ActivationCode::squared_error. Data are taken as
// evenly spread within a bin.
double code_error(const Histogram& histogram, const std::vector<double>& levels,
                  const std::vector<double>& boundaries, bool allow_negative);

int encode(const ActivationCode& code, double x);
inline double decode(const ActivationCode& code, int k) {
  return code.levels[static_cast<size_t>(k)];
}

}  // namespace weq::convert
