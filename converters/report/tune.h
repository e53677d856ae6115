// Measured tuning: the fastest kernel of every layer on this machine, instead of the estimates.
#pragma once

#include <string>
#include <vector>

#include "converters/report/latency.h"

namespace weq::convert {

struct TunedLayer {
  std::string name;
  std::string selected, kernel;    // by selection, by measurement
  double selected_ms = 0, ms = 0;  // medians of the two
};

struct Tuning {
  std::string isa;
  int64_t rounds = 0;
  std::vector<TunedLayer> layers;  // those that have a choice, in the order of the file
  std::string text;                // SessionOptions::tuning
};

// Runs whole networks that differ in the kernels of their layers, in turn, and compares layer by
// layer, pair by pair. The selected kernel stays unless another is at least 3 % faster; kernels
// whose estimate is above 4 times the least are not tried. `options.seconds` per kernel of a layer.
// `network` must be a .weq file. Throws ConvertError.
Tuning tune(const Network& network, const LatencyOptions& options);

}  // namespace weq::convert
