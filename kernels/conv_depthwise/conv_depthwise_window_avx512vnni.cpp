#include "kernels/requantize/avx512vnni_lookup.h"

#include "kernels/conv_depthwise/window_avx512.h"

namespace weq::kernels {

extern const ConvKernel conv_depthwise_window_avx512vnni;
const ConvKernel conv_depthwise_window_avx512vnni = {"depthwise_window_avx512vnni",
                                                     "depthwise",
                                                     Isa::kAvx512Vnni,
                                                     window_refuse,
                                                     cost,
                                                     packed_bytes,
                                                     pack,
                                                     no_gather_bytes,
                                                     no_gather_items,
                                                     no_gather,
                                                     items,
                                                     window_workspace_bytes,
                                                     run};

}  // namespace weq::kernels
