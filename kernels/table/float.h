// Between stored tensors and floats.
#pragma once

#include "kernels/contract.h"

namespace weq::kernels {

// y[i] = values[x[i]]; 256 values.
void bytes_to_float(const uint8_t* x, const float* values, int64_t count, float* y);

// y[i] = unit * (float)x[i].
void units_to_float(const int32_t* x, float unit, int64_t count, float* y);

// y[i] = store[number of boundaries <= x[i]]; `boundaries` ascending, 0..255 of them. A NaN passes
// none.
void float_to_bytes(const float* x, const float* boundaries, int32_t boundary_count,
                    const uint8_t* store, int64_t count, uint8_t* y);

}  // namespace weq::kernels
