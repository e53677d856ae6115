// The searches behind choose_activation, one for each kind of code.
#pragma once

#include "converters/quantize/activation_code.h"
#include "converters/quantize/data_moments.h"

namespace weq::convert {

// The best (fsr, step) of all, and with negative data the best share of negative codes.
ActivationCode search_log(const Histogram& histogram, const DataMoments& data,
                          const ActivationOptions& options);
// The best unit, and with negative data the best zero point.
ActivationCode search_linear(const DataMoments& data, const ActivationOptions& options);
// k-means with 0 kept.
ActivationCode search_free(const Histogram& histogram, const DataMoments& data,
                           const ActivationOptions& options);

// boundaries[k] midway between levels k and k + 1.
std::vector<double> midway(const std::vector<double>& levels);

}  // namespace weq::convert
