// Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep CNNs, 2012; grouped as there.
#include "bench/networks/builder.h"
#include "bench/networks/list.h"

namespace weq::bench {

std::string make_alexnet() {
  NetworkBuilder net("alexnet");
  Feature x = net.conv(net.image(3, 227, 227), {96, 11, 4});
  x = net.max_pool(net.lrn(x), 3, 2);
  x = net.conv(x, {256, 5, 1, 2, 2});
  x = net.max_pool(net.lrn(x), 3, 2);
  x = net.conv(x, {384, 3, 1, 1});
  x = net.conv(x, {384, 3, 1, 1, 2});
  x = net.conv(x, {256, 3, 1, 1, 2});
  x = net.flatten(net.max_pool(x, 3, 2));
  for (int i = 0; i < 2; ++i) x = net.fully_connected(x, 4096, Activation::kRelu);
  net.output(net.fully_connected(x, 1000, Activation::kNone));
  return net.bytes();
}

}  // namespace weq::bench
