#include "kernels/requantize/avx512vbmi_lookup.h"
// The lookup comes first: the body is written in terms of it.
#include "kernels/conv_direct/avx512_body.h"

namespace weq::kernels {

extern const ConvKernel conv_direct_avx512vbmi;
const ConvKernel conv_direct_avx512vbmi = {"direct_avx512vbmi",
                                           "direct",
                                           Isa::kAvx512Vbmi,
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
