// Layers that the converter left in float, run for the engine by the float executor.
#pragma once

#include <memory>

#include "weq/weq.hpp"

namespace weq::convert {

// For SessionOptions::float_runner. One per session: it must outlive it and is used by one thread
// at a time. Files without float layers never call it.
std::unique_ptr<FloatRunner> make_layer_runner();

}  // namespace weq::convert
