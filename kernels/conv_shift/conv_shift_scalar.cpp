// Shift and add in plain C++: no multiplication where a core without a multiplier would feel it.
#include "kernels/conv_shift/terms.h"

namespace weq::kernels {
namespace {

constexpr int32_t kWidth = 16;
constexpr double kCyclesPerTerm = 10.0;

// Mantissas have few bits: one shifted addition for each bit that is set.
uint32_t times(uint32_t sum, int32_t mantissa) {
  uint32_t product = 0;
  const bool negative = mantissa < 0;
  for (uint32_t bits = static_cast<uint32_t>(negative ? -mantissa : mantissa); bits != 0;
       bits >>= 1, sum <<= 1) {
    if (bits & 1) product += sum;
  }
  return negative ? 0 - product : product;
}

void class_sums(const int8_t* panel, const ShiftTerm* terms, int32_t count, int32_t mantissa,
                int32_t* acc) {
  uint32_t sums[kWidth] = {};
  for (const ShiftTerm* term = terms; term != terms + count; ++term) {
    const int8_t* weights = panel + size_t{term->weight} * kWidth;
    const uint32_t shift = term->shift;
    for (int32_t i = 0; i < kWidth; ++i) sums[i] += static_cast<uint32_t>(weights[i]) << shift;
  }
  for (int32_t i = 0; i < kWidth; ++i) {
    acc[i] = static_cast<int32_t>(static_cast<uint32_t>(acc[i]) + times(sums[i], mantissa));
  }
}

}  // namespace

#include "kernels/conv_shift/driver.inc"

extern const ConvKernel conv_shift_scalar;
const ConvKernel conv_shift_scalar = {"shift_scalar",
                                      "shift",
                                      Isa::kScalar,
                                      shift_refuse,
                                      cost,
                                      packed_bytes,
                                      pack,
                                      no_gather_bytes,
                                      no_gather_items,
                                      no_gather,
                                      items,
                                      workspace_bytes,
                                      run};

}  // namespace weq::kernels
