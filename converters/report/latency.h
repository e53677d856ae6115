// How long one run takes: warmed up, then alternating between the networks in one process, so that
// drifts of the machine meet both alike.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "converters/report/network.h"

namespace weq::convert {

struct LatencyOptions {
  RunnerOptions runner;  // its tuning is that of the first network
  double seconds = 2;    // of measuring, per network; at least 5 and at most 1000 runs
};

struct Percentiles {
  double p10 = 0, median = 0, p90 = 0;
};
Percentiles percentiles(std::vector<double> values);

struct Latency {
  int64_t runs = 0;
  std::string isa, other_isa;  // oneDNN's name of it for the float path
  Percentiles ms;
  std::optional<double> other_median_ms, ratio;  // ratio: other / network, median of pairs
};

// Inputs are seeded noise, copying them in and out is not timed for a .weq file. `other` may be
// null. Throws ConvertError.
Latency measure_latency(const Network& network, const Network* other,
                        const LatencyOptions& options);

// Median time of each layer of a .weq file, as executed.
std::vector<LayerTrace> trace_layers(const Network& network, const LatencyOptions& options);

// The ISA that oneDNN uses for the float path, and a cap on it by one of this project's ISA names,
// to be set before the first run. Throws UsageError for an unknown name.
std::string float_isa_name();
void cap_float_isa(const std::string& isa);

}  // namespace weq::convert
