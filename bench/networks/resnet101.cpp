#include "bench/networks/list.h"
#include "bench/networks/residual.h"

namespace weq::bench {

std::string make_resnet101() {
  return residual_network("resnet101", bottleneck_block, {3, 4, 23, 3});
}

}  // namespace weq::bench
