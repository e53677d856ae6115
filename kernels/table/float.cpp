#include "kernels/table/float.h"

namespace weq::kernels {

void bytes_to_float(const uint8_t* x, const float* values, int64_t count, float* y) {
  for (int64_t i = 0; i < count; ++i) y[i] = values[x[i]];
}

void units_to_float(const int32_t* x, float unit, int64_t count, float* y) {
  for (int64_t i = 0; i < count; ++i) y[i] = unit * static_cast<float>(x[i]);
}

void float_to_bytes(const float* x, const float* boundaries, int32_t boundary_count,
                    const uint8_t* store, int64_t count, uint8_t* y) {
  for (int64_t i = 0; i < count; ++i) {
    int32_t passed = 0, above = boundary_count;  // the number lies in [passed, above]
    while (passed < above) {
      const int32_t middle = (passed + above) / 2;
      if (boundaries[middle] <= x[i]) {
        passed = middle + 1;
      } else {
        above = middle;
      }
    }
    y[i] = store[passed];
  }
}

}  // namespace weq::kernels
