// What residual networks share (He, Zhang, Ren, Sun: Deep Residual Learning, 2015, table 1).
#pragma once

#include "bench/networks/builder.h"

namespace weq::bench {

using ResidualBlock = Feature (*)(NetworkBuilder& net, const Feature& x, int64_t width,
                                  int64_t stride);

// Two 3x3 convolutions of `width` channels.
Feature basic_block(NetworkBuilder& net, const Feature& x, int64_t width, int64_t stride);
// 1x1, 3x3 (which strides), 1x1 to four times `width`.
Feature bottleneck_block(NetworkBuilder& net, const Feature& x, int64_t width, int64_t stride);

// Stem, four stages of `blocks` at widths 64 to 512, average, 1000 classes. Returns ONNX bytes.
std::string residual_network(const std::string& name, ResidualBlock block, const int (&blocks)[4]);

}  // namespace weq::bench
