// Simonyan, Zisserman: Very Deep Convolutional Networks, 2014, configuration D.
#include "bench/networks/builder.h"
#include "bench/networks/list.h"

namespace weq::bench {

std::string make_vgg16() {
  NetworkBuilder net("vgg16");
  Feature x = net.image(3, 224, 224);
  const struct {
    int64_t channels;
    int count;
  } stages[] = {{64, 2}, {128, 2}, {256, 3}, {512, 3}, {512, 3}};
  for (const auto& stage : stages) {
    for (int i = 0; i < stage.count; ++i) x = net.conv(x, {stage.channels, 3, 1, 1});
    x = net.max_pool(x, 2, 2);
  }
  x = net.flatten(x);
  for (int i = 0; i < 2; ++i) x = net.fully_connected(x, 4096, Activation::kRelu);
  net.output(net.fully_connected(x, 1000, Activation::kNone));
  return net.bytes();
}

}  // namespace weq::bench
