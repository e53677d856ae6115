// What the SqueezeNets share (Iandola et al.: SqueezeNet, 2016).
#pragma once

#include "bench/networks/builder.h"

namespace weq::bench {

// 1x1 to `squeeze` channels, then 1x1 and 3x3 side by side, `expand` channels each.
Feature fire(NetworkBuilder& net, const Feature& x, int64_t squeeze, int64_t expand);

// The last convolution, which classifies, and the average over its positions. Returns ONNX bytes.
std::string classify_by_conv(NetworkBuilder& net, const Feature& x);

}  // namespace weq::bench
