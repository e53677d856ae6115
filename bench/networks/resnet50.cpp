#include "bench/networks/list.h"
#include "bench/networks/residual.h"

namespace weq::bench {

std::string make_resnet50() { return residual_network("resnet50", bottleneck_block, {3, 4, 6, 3}); }

}  // namespace weq::bench
