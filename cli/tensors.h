// `weq run --input NAME=X.npy --output-dir DIR`: whole tensors in, whole tensors out.
#pragma once

#include <string>
#include <vector>

#include "converters/report/network.h"

namespace weq::cli {

// Reads one array for each input of the network, runs it once, writes DIR/NAME.npy for each output
// ('/' in a name becomes '_'). The batch is the first axis of the arrays. Returns the files
// written.
std::vector<std::string> run_tensors(const convert::Network& network,
                                     const std::vector<std::string>& assignments,
                                     const std::string& output_dir,
                                     const convert::RunnerOptions& options);

}  // namespace weq::cli
