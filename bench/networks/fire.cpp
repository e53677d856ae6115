#include "bench/networks/fire.h"

namespace weq::bench {

Feature fire(NetworkBuilder& net, const Feature& x, int64_t squeeze, int64_t expand) {
  const Feature narrow = net.conv(x, {squeeze});
  return net.concat({net.conv(narrow, {expand}), net.conv(narrow, {expand, 3, 1, 1})});
}

std::string classify_by_conv(NetworkBuilder& net, const Feature& x) {
  net.output(net.flatten(net.global_average(net.conv(x, {1000}))));
  return net.bytes();
}

}  // namespace weq::bench
