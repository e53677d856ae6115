// Szegedy et al.: Going Deeper with Convolutions, 2014, table 1, without the auxiliary classifiers.
#include "bench/networks/builder.h"
#include "bench/networks/list.h"

namespace weq::bench {
namespace {

// Channels: 1x1; 3x3 and what reduces before it; 5x5 likewise; projection of the pool.
struct Inception {
  int64_t one, reduce3, three, reduce5, five, project;
};

Feature inception(NetworkBuilder& net, const Feature& x, const Inception& c) {
  const Feature one = net.conv(x, {c.one});
  const Feature three = net.conv(net.conv(x, {c.reduce3}), {c.three, 3, 1, 1});
  const Feature five = net.conv(net.conv(x, {c.reduce5}), {c.five, 5, 1, 2});
  const Feature project = net.conv(net.max_pool(x, 3, 1, 1), {c.project});
  return net.concat({one, three, five, project});
}

}  // namespace

std::string make_googlenet() {
  NetworkBuilder net("googlenet");
  Feature x = net.conv(net.image(3, 224, 224), {64, 7, 2, 3});
  x = net.lrn(net.max_pool(x, 3, 2));
  x = net.conv(net.conv(x, {64}), {192, 3, 1, 1});
  x = net.max_pool(net.lrn(x), 3, 2);
  x = inception(net, x, {64, 96, 128, 16, 32, 32});
  x = inception(net, x, {128, 128, 192, 32, 96, 64});
  x = net.max_pool(x, 3, 2);
  x = inception(net, x, {192, 96, 208, 16, 48, 64});
  x = inception(net, x, {160, 112, 224, 24, 64, 64});
  x = inception(net, x, {128, 128, 256, 24, 64, 64});
  x = inception(net, x, {112, 144, 288, 32, 64, 64});
  x = inception(net, x, {256, 160, 320, 32, 128, 128});
  x = net.max_pool(x, 3, 2);
  x = inception(net, x, {256, 160, 320, 32, 128, 128});
  x = inception(net, x, {384, 192, 384, 48, 128, 128});
  net.output(net.fully_connected(net.flatten(net.global_average(x)), 1000, Activation::kNone));
  return net.bytes();
}

}  // namespace weq::bench
