#include "kernels/requantize/avx512vnni_lookup.h"
// The lookup comes first: the body is written in terms of it.
#include "kernels/conv_direct/avx512_body.h"

namespace weq::kernels {

extern const ConvKernel conv_direct_avx512vnni;
const ConvKernel conv_direct_avx512vnni = {"direct_avx512vnni",
                                           "direct",
                                           Isa::kAvx512Vnni,
                                           direct_refuse,
                                           cost,
                                           packed_bytes,
                                           pack,
                                           border_bytes,
                                           border_items,
                                           border_gather,
                                           items,
                                           direct_workspace_bytes,
                                           run};

}  // namespace weq::kernels
