// The meaning of requantization: quantization.md, section 4, as it is written there.
#include "kernels/requantize/requantize.h"

namespace weq::kernels {
namespace {

// The caller proved that nothing overflows; unsigned arithmetic keeps a broken proof defined.
int32_t multiply_add(int32_t a, int32_t m, int32_t c) {
  return static_cast<int32_t>(uint32_t(a) * uint32_t(m) + uint32_t(c));
}

int32_t passed(const Thresholds& thresholds, int32_t v) {
  int32_t low = 0, high = thresholds.count;  // values[low - 1] <= v < values[high]
  while (low < high) {
    const int32_t middle = (low + high) / 2;
    if (v >= thresholds.values[middle]) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

void run(const Epilogue& e, const int32_t* acc, ptrdiff_t acc_stride, int32_t rows,
         int32_t channel0, int32_t channels, const EpilogueTarget& target) {
  const int32_t round = e.pre_shift > 0 ? 1 << (e.pre_shift - 1) : 0;
  for (int32_t r = 0; r < rows; ++r) {
    for (int32_t c = 0; c < channels; ++c) {
      const int32_t a = (acc[r * acc_stride + c] + round) >> e.pre_shift;
      int32_t v = multiply_add(a, e.multiplier[channel0 + c], e.addend[channel0 + c]);
      if (e.residual_factor != 0) {
        const uint8_t byte = target.residual[r * target.residual_stride + c];
        v = multiply_add(e.residual_map->level[byte], e.residual_factor, v);
      }
      const ptrdiff_t at = r * target.stride + c;
      if (e.outputs == 0) target.units[at] = v;
      for (int32_t i = 0; i < e.outputs; ++i) {
        target.bytes[i][at] = e.output[i].store[passed(e.output[i], v)];
      }
    }
  }
}

}  // namespace

extern const RequantizeKernel requantize_reference;
const RequantizeKernel requantize_reference = {"requantize_reference", Isa::kScalar, run};

}  // namespace weq::kernels
