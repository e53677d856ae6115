// bench --layers: time, kernel and reason of every layer.
#pragma once

#include <vector>

#include "cli/json.h"
#include "weq/weq.hpp"

namespace weq::cli {

Json layers_json(const std::vector<LayerTrace>& layers);

// A table of the layers, and one of the kernels that refused some of them.
void print_layers(const std::vector<LayerTrace>& layers);

}  // namespace weq::cli
