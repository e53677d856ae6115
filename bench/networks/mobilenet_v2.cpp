// Sandler et al.: MobileNetV2, 2018, table 2; width 1.0.
#include "bench/networks/builder.h"
#include "bench/networks/list.h"

namespace weq::bench {
namespace {

constexpr float kLinearGain = 0.7F;  // no activation follows: keeps the variance as it is

// Expands, filters each channel, projects without activation; adds its input where shapes allow.
Feature bottleneck(NetworkBuilder& net, const Feature& x, int64_t expansion, int64_t channels,
                   int64_t stride) {
  const int64_t wide = expansion * x.channels;
  Feature y = x;
  if (expansion > 1) y = net.conv(y, {wide, 1, 1, 0, 1, Activation::kRelu6});
  y = net.conv(y, {wide, 3, stride, 1, wide, Activation::kRelu6});
  y = net.conv(y, {channels, 1, 1, 0, 1, Activation::kNone, kLinearGain});
  return stride == 1 && channels == x.channels ? net.add(y, x, Activation::kNone) : y;
}

}  // namespace

std::string make_mobilenet_v2() {
  NetworkBuilder net("mobilenet_v2");
  Feature x = net.conv(net.image(3, 224, 224), {32, 3, 2, 1, 1, Activation::kRelu6});
  const struct {
    int64_t expansion, channels;
    int count;
    int64_t stride;
  } stages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
  for (const auto& stage : stages) {
    for (int i = 0; i < stage.count; ++i)
      x = bottleneck(net, x, stage.expansion, stage.channels, i == 0 ? stage.stride : 1);
  }
  x = net.conv(x, {1280, 1, 1, 0, 1, Activation::kRelu6});
  net.output(net.fully_connected(net.flatten(net.global_average(x)), 1000, Activation::kNone));
  return net.bytes();
}

}  // namespace weq::bench
