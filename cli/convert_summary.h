// What `weq convert` prints when it is done.
#pragma once

#include "converters/convert.h"

namespace weq::cli {

void print_summary(const convert::ConvertOptions& options, const convert::ConvertSummary& summary,
                   double seconds);

}  // namespace weq::cli
