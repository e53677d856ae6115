// bench --tune: measures the kernels of every layer and writes the file that --tuning takes.
#pragma once

#include <string>

#include "converters/report/latency.h"

namespace weq::cli {

// Prints what changed, or one JSON object. Throws ConvertError.
int bench_tune(const convert::Network& network, const convert::LatencyOptions& options,
               const std::string& path, bool json);

}  // namespace weq::cli
