// Howard et al.: MobileNets, 2017, table 1; width 1.0.
#include "bench/networks/builder.h"
#include "bench/networks/list.h"

namespace weq::bench {
namespace {

Feature separable(NetworkBuilder& net, const Feature& x, int64_t channels, int64_t stride) {
  const Feature depth = net.conv(x, {x.channels, 3, stride, 1, x.channels, Activation::kRelu6});
  return net.conv(depth, {channels, 1, 1, 0, 1, Activation::kRelu6});
}

}  // namespace

std::string make_mobilenet_v1() {
  NetworkBuilder net("mobilenet_v1");
  Feature x = net.conv(net.image(3, 224, 224), {32, 3, 2, 1, 1, Activation::kRelu6});
  x = separable(net, x, 64, 1);
  x = separable(net, x, 128, 2);
  x = separable(net, x, 128, 1);
  x = separable(net, x, 256, 2);
  x = separable(net, x, 256, 1);
  x = separable(net, x, 512, 2);
  for (int i = 0; i < 5; ++i) x = separable(net, x, 512, 1);
  x = separable(net, x, 1024, 2);
  x = separable(net, x, 1024, 1);
  net.output(net.fully_connected(net.flatten(net.global_average(x)), 1000, Activation::kNone));
  return net.bytes();
}

}  // namespace weq::bench
