// --recipe FILE: bits of single layers, kept beside a network.
#pragma once

#include <string>

#include "converters/convert.h"

namespace weq::cli {

// Reads {"layers": {"NAME": "W,A", ...}, "first": "W,A", "last": "W,A"} (all keys optional) into
// `options`, where what is set already wins. Throws FileError.
void read_recipe(const std::string& path, convert::ConvertOptions* options);

}  // namespace weq::cli
