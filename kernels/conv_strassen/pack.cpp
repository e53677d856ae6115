// Weights and start values of Strassen's product.
#include <algorithm>
#include <cstring>

#include "kernels/conv/codes.h"
#include "kernels/conv_strassen/strassen.h"

namespace weq::kernels {
namespace {

constexpr int32_t kBlock = 128;  // input channels at a time
using Levels = int8_t[kBlock];

// The factors of B from its four quarters: [input half][output half].
void factors(const Levels quarters[2][2], Levels to[kStrassenProducts]) {
  for (int32_t i = 0; i < kBlock; ++i) {
    const int32_t b11 = quarters[0][0][i], b12 = quarters[0][1][i];
    const int32_t b21 = quarters[1][0][i], b22 = quarters[1][1][i];
    const int32_t t1 = b12 - b11, t2 = b22 - t1;
    to[0][i] = static_cast<int8_t>(b11);
    to[1][i] = static_cast<int8_t>(b21);
    to[2][i] = static_cast<int8_t>(b22);
    to[3][i] = static_cast<int8_t>(b21 - t2);
    to[4][i] = static_cast<int8_t>(t1);
    to[5][i] = static_cast<int8_t>(t2);
    to[6][i] = static_cast<int8_t>(b22 - b12);
  }
}

int64_t sum_of(const Levels& levels, int32_t count) {
  int32_t sum = 0;
  for (int32_t i = 0; i < count; ++i) sum += levels[i];
  return sum;
}

}  // namespace

void strassen_pack(const ConvProblem& problem, void* packed) {
  const StrassenPlan plan(problem.shape);
  const StrassenOffsets offsets(*problem.input);
  std::memset(packed, 0, plan.packed_bytes());
  int8_t* const weights = static_cast<int8_t*>(packed) + plan.start_bytes();
  const LevelUnpacker unpacker(problem.weights);
  for (int32_t o = 0; o < plan.half_out; ++o) {
    const int32_t group = o / kWinogradGroup, in_group = o % kWinogradGroup;
    int8_t* const channel =
        weights + size_t(group) * kStrassenProducts * plan.product_bytes() + 4 * in_group;
    int64_t sums[kStrassenProducts] = {};
    for (int32_t c = 0; c < plan.half_in; c += kBlock) {
      const int32_t count = std::min(kBlock, plan.half_in - c);
      Levels quarters[2][2] = {}, to[kStrassenProducts];
      for (int64_t k = 0; k < 2; ++k) {
        for (int64_t n = 0; n < 2; ++n)
          unpacker.unpack((o + n * plan.half_out) * problem.shape.in_c + k * plan.half_in + c,
                          count, quarters[k][n]);
      }
      factors(quarters, to);
      for (int32_t p = 0; p < kStrassenProducts; ++p) {
        sums[p] += sum_of(to[p], count);
        int8_t* quad = channel + size_t(p) * plan.product_bytes() + size_t(c / 4) * 128;
        for (int32_t q = 0; q < count / 4; ++q, quad += 128) std::memcpy(quad, to[p] + 4 * q, 4);
      }
    }
    int32_t* const starts =
        static_cast<int32_t*>(packed) + group * kStrassenProducts * kWinogradGroup + in_group;
    for (int32_t p = 0; p < kStrassenProducts; ++p)
      starts[p * kWinogradGroup] = static_cast<int32_t>(-offsets.of[p] * sums[p]);
  }
}

}  // namespace weq::kernels
