// SqueezeNet 1.1, of 227x227 pixels as its authors published it.
#include "bench/networks/fire.h"
#include "bench/networks/list.h"

namespace weq::bench {

std::string make_squeezenet11() {
  NetworkBuilder net("squeezenet11");
  Feature x = net.conv(net.image(3, 227, 227), {64, 3, 2});
  x = net.max_pool(x, 3, 2);
  x = fire(net, x, 16, 64);
  x = fire(net, x, 16, 64);
  x = net.max_pool(x, 3, 2);
  x = fire(net, x, 32, 128);
  x = fire(net, x, 32, 128);
  x = net.max_pool(x, 3, 2);
  x = fire(net, x, 48, 192);
  x = fire(net, x, 48, 192);
  x = fire(net, x, 64, 256);
  return classify_by_conv(net, fire(net, x, 64, 256));
}

}  // namespace weq::bench
