// How far a .weq file is from the float network it was made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "converters/report/evaluate.h"

namespace weq::convert {

struct LayerComparison {
  std::string name;  // the layer's name
  double snr_db;     // of its output, given all quantized layers before it
};

struct Comparison {
  int64_t images = 0;
  double agreement = 0;  // percent of records whose largest output is the same
  double snr_db = 0;     // over all outputs of all records, before a closing softmax
  std::optional<double> top1_float, top1;  // percent; empty without labels
  std::vector<LayerComparison> layers;     // in execution order; values that both sides hold
};

// `reference` must be open as `prepared`. Throws ConvertError where the two do not belong together.
Comparison compare(const Network& reference, const Network& quantized, const DataSource& data,
                   const EvaluateOptions& options);

}  // namespace weq::convert
