// Real levels -> integer levels and a unit (quantization.md, section 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "converters/quantize/activation_code.h"
#include "converters/quantize/codebook.h"
#include "converters/quantize/histogram.h"

namespace weq::convert {

// Weights. A weight (divided by its channel's scale) has the level with index `number of
// boundaries <= w`; it reads as unit * levels[index].
struct IntegerCodebook {
  std::vector<int8_t> levels;     // ascending, distinct
  std::vector<float> boundaries;  // levels.size() - 1
  double unit = 1;
  double error = 0;  // mean squared error against the weights, weighted by importance
  bool grid =
      false;  // consecutive integers: the codebook had so many levels that they serve as well
};

// Chooses unit and integers within [-max_level, max_level], 1 <= max_level <= 127. Weighted
// entropy: clusters stay as they are and the unit makes rounding cost least; kMse, kOutput: weights
// move to their nearest level and the unit makes the whole error least. With 128 levels and more,
// or 2 * max_level + 1 and more, the levels are consecutive integers unless that doubles the error.
// `importance`: kOutput only, else null.
IntegerCodebook integer_codebook(const float* weights, const float* importance, size_t count,
                                 const Codebook& codebook, Criterion criterion, int max_level);

// The scale s of one channel, out of 33 factors 0.6..1.4 of `scale`, then refined, that leaves the
// least squared error (weighted by `importance` unless null) of s * nearest level. Returns `scale`
// where all weights are 0. Raw weights, not divided by a scale.
double search_channel_scale(const float* weights, const float* importance, size_t count,
                            const std::vector<int8_t>& levels, double scale);

// codes[i] = index of the level nearest to weights[i] / scale (ties: the upper one).
void assign_nearest(const float* weights, size_t count, double scale,
                    const std::vector<int8_t>& levels, uint8_t* codes);

// Activations. value(code) = unit * levels[code]; x has the code `number of boundaries <= x`.
struct IntegerCode {
  CodeKind kind = CodeKind::kLinear;
  std::vector<int32_t> levels;      // ascending, distinct, one of them 0
  std::vector<double> boundaries;   // levels.size() - 1
  std::vector<double> real_levels;  // of the codes that remain, before rounding
  float unit = 1;
  int offset = 0;           // stored byte = level + offset; -levels[0] where negative
  bool code_bytes = false;  // levels beyond a byte (shift layers): stored bytes are code numbers
  int fsr = 0, step = 0;  // of the codes that remain: fsr is the smallest positive level's exponent
  int negative_codes = 0;
  double squared_error = 0;  // as ActivationCode
};

struct IntegerCodeOptions {
  int max_level = 255;  // |level| <= max_level, and levels.back() - levels.front() <= 255
  bool shift = false;  // log codes with step 16, 8 or 4: levels m * 2^e with one m per class, up to
                       // 2^15, so that shift kernels run them; codes below the range are dropped
  bool allow_negative = true;             // as the code was chosen
  Criterion criterion = Criterion::kMse;  // kWeightedEntropy: boundaries stay where they are
};

// Codes whose levels round together are dropped (the one nearest to the integer stays).
IntegerCode integer_code(const Histogram& histogram, const ActivationCode& code,
                         const IntegerCodeOptions& options);

}  // namespace weq::convert
