#include "kernels/requantize/avx512vbmi_lookup.h"
// The lookup comes first: the body is written in terms of it.
#include "kernels/conv_winograd/avx512_body.h"

namespace weq::kernels {

extern const ConvKernel conv_winograd2_avx512vbmi, conv_winograd2_split_avx512vbmi,
    conv_winograd_row_avx512vbmi, conv_winograd_strided_avx512vbmi, conv_winograd5_avx512vbmi;
const ConvKernel conv_winograd2_avx512vbmi =
    Entry<kSquare>::kernel("winograd2_avx512vbmi", Isa::kAvx512Vbmi);
const ConvKernel conv_winograd2_split_avx512vbmi =
    Entry<kSplit>::kernel("winograd2_split_avx512vbmi", Isa::kAvx512Vbmi);
const ConvKernel conv_winograd_row_avx512vbmi =
    Entry<kRow>::kernel("winograd_row_avx512vbmi", Isa::kAvx512Vbmi);
const ConvKernel conv_winograd_strided_avx512vbmi =
    Entry<kStrided>::kernel("winograd_strided_avx512vbmi", Isa::kAvx512Vbmi);
const ConvKernel conv_winograd5_avx512vbmi =
    Entry<kFive>::kernel("winograd5_avx512vbmi", Isa::kAvx512Vbmi);

}  // namespace weq::kernels
