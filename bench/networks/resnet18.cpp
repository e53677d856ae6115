#include "bench/networks/list.h"
#include "bench/networks/residual.h"

namespace weq::bench {

std::string make_resnet18() { return residual_network("resnet18", basic_block, {2, 2, 2, 2}); }

}  // namespace weq::bench
