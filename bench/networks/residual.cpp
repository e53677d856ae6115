#include "bench/networks/residual.h"

namespace weq::bench {
namespace {

constexpr float kBranchGain = 0.4F;    // each block adds to the variance of the sum
constexpr float kShortcutGain = 0.7F;  // no ReLU follows: keeps the variance as it is

ConvSpec spec(int64_t channels, int64_t kernel, int64_t stride, Activation activation, float gain) {
  return {channels, kernel, stride, kernel / 2, 1, activation, gain};
}

Feature shortcut(NetworkBuilder& net, const Feature& x, int64_t channels, int64_t stride) {
  if (x.channels == channels && stride == 1) return x;
  return net.conv(x, spec(channels, 1, stride, Activation::kNone, kShortcutGain));
}

}  // namespace

Feature basic_block(NetworkBuilder& net, const Feature& x, int64_t width, int64_t stride) {
  const Feature residual = shortcut(net, x, width, stride);
  const Feature inner = net.conv(x, spec(width, 3, stride, Activation::kRelu, 1));
  return net.add(net.conv(inner, spec(width, 3, 1, Activation::kNone, kBranchGain)), residual,
                 Activation::kRelu);
}

Feature bottleneck_block(NetworkBuilder& net, const Feature& x, int64_t width, int64_t stride) {
  const Feature residual = shortcut(net, x, 4 * width, stride);
  const Feature narrow = net.conv(x, spec(width, 1, 1, Activation::kRelu, 1));
  const Feature inner = net.conv(narrow, spec(width, 3, stride, Activation::kRelu, 1));
  return net.add(net.conv(inner, spec(4 * width, 1, 1, Activation::kNone, kBranchGain)), residual,
                 Activation::kRelu);
}

std::string residual_network(const std::string& name, ResidualBlock block, const int (&blocks)[4]) {
  NetworkBuilder net(name);
  Feature x = net.conv(net.image(3, 224, 224), {64, 7, 2, 3, 1, Activation::kRelu, 1});
  x = net.max_pool(x, 3, 2, 1);
  int64_t width = 64;
  for (int stage = 0; stage < 4; ++stage, width *= 2)
    for (int i = 0; i < blocks[stage]; ++i) x = block(net, x, width, stage > 0 && i == 0 ? 2 : 1);
  net.output(net.fully_connected(net.flatten(net.global_average(x)), 1000, Activation::kNone));
  return net.bytes();
}

}  // namespace weq::bench
