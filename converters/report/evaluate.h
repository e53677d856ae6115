// How often a network is right.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "converters/report/network.h"
#include "converters/report/parallel.h"

namespace weq::convert {

struct EvaluateOptions {
  int threads = 0;  // images at once; 0: all. Figures do not depend on it
  std::string isa;
  std::string tuning;  // SessionOptions::tuning
  ImageProgress progress;
};

struct Evaluation {
  int64_t images = 0;
  // Percent of records whose label is the largest output, or among the five largest. Empty without
  // labels; top5 also with fewer than 6 classes.
  std::optional<double> top1, top5;
};

// The classes are the elements of the network's first output. Throws ConvertError.
Evaluation evaluate(const Network& network, const DataSource& data, const EvaluateOptions& options);

// Throws where a label is beyond the network's classes.
void require_label(int64_t label, size_t classes, int64_t index);

}  // namespace weq::convert
