#include <cmath>
#include <stdexcept>

#include "converters/quantize/activation_search.h"
#include "converters/quantize/integer_levels.h"

namespace weq::convert {
namespace {

// As ratios of squared errors.
const double kTenthDecibel = std::pow(10.0, 0.01), kOneDecibel = std::pow(10.0, 0.1);
constexpr int kFewBits = 5;

double integer_error(const Histogram& histogram, const ActivationCode& code,
                     const ActivationOptions& options) {
  IntegerCodeOptions integer;
  integer.max_level = options.max_level;
  integer.allow_negative = options.allow_negative;
  integer.criterion = options.criterion;
  return integer_code(histogram, code, integer).squared_error;
}

}  // namespace

ActivationCode choose_activation(const Histogram& histogram, const ActivationOptions& options) {
  if (options.bits < 1 || options.bits > 8) {
    throw std::invalid_argument("activation codes have 1 to 8 bits");
  }
  if (options.max_level < 1 || options.max_level > 255) {
    throw std::invalid_argument("the largest activation level lies in 1..255");
  }
  const DataMoments data(histogram, options.allow_negative);
  const auto finished = [&data](ActivationCode code) {
    code.squared_error = data.relative_error(code.levels, code.boundaries);
    return code;
  };
  switch (options.kind) {
    case ActivationChoice::kLog:
      return finished(search_log(histogram, data, options));
    case ActivationChoice::kLinear:
      return finished(search_linear(data, options));
    case ActivationChoice::kFree:
      return finished(search_free(histogram, data, options));
    case ActivationChoice::kAuto:
      break;
  }
  const ActivationCode log = finished(search_log(histogram, data, options));
  if (options.criterion == Criterion::kWeightedEntropy) return log;
  const double log_error = integer_error(histogram, log, options);
  if (options.bits <= kFewBits) {
    const ActivationCode free = finished(search_free(histogram, data, options));
    return integer_error(histogram, free, options) * kTenthDecibel < log_error ? free : log;
  }
  const ActivationCode linear = finished(search_linear(data, options));
  // Linear thresholds are a shift; those of a log code this fine may have to be searched, which
  // costs more than a small layer's sums. It must be worth it.
  return log_error * kOneDecibel < integer_error(histogram, linear, options) ? log : linear;
}

}  // namespace weq::convert
