#include "kernels/requantize/avx512vnni_lookup.h"
// The lookup comes first: the body is written in terms of it.
#include "kernels/conv_winograd/avx512_body.h"

namespace weq::kernels {

extern const ConvKernel conv_winograd2_avx512vnni, conv_winograd2_split_avx512vnni,
    conv_winograd_row_avx512vnni, conv_winograd_strided_avx512vnni, conv_winograd5_avx512vnni;
const ConvKernel conv_winograd2_avx512vnni =
    Entry<kSquare>::kernel("winograd2_avx512vnni", Isa::kAvx512Vnni);
const ConvKernel conv_winograd2_split_avx512vnni =
    Entry<kSplit>::kernel("winograd2_split_avx512vnni", Isa::kAvx512Vnni);
const ConvKernel conv_winograd_row_avx512vnni =
    Entry<kRow>::kernel("winograd_row_avx512vnni", Isa::kAvx512Vnni);
const ConvKernel conv_winograd_strided_avx512vnni =
    Entry<kStrided>::kernel("winograd_strided_avx512vnni", Isa::kAvx512Vnni);
const ConvKernel conv_winograd5_avx512vnni =
    Entry<kFive>::kernel("winograd5_avx512vnni", Isa::kAvx512Vnni);

}  // namespace weq::kernels
