#include <algorithm>

#include "kernels/conv/codes.h"
#include "kernels/conv_winograd/winograd4.h"

namespace weq::kernels {
namespace {

constexpr int32_t kChunk = 32;  // input channels at a time

// Rows of G.
void weigh(const int32_t* w, ptrdiff_t step, int32_t out[6]) {
  const int32_t a = w[0], b = w[step], c = w[2 * step];
  out[0] = 6 * a;
  out[1] = a + b + c;
  out[2] = a - b + c;
  out[3] = a + 2 * b + 4 * c;
  out[4] = a - 2 * b + 4 * c;
  out[5] = 6 * c;
}

// u[36] of one 3x3 kernel.
void transform_kernel(const int32_t kernel[9], int32_t u[kWinograd4Positions]) {
  int32_t columns[3][6];
  for (ptrdiff_t x = 0; x < 3; ++x) weigh(kernel + x, 3, columns[x]);
  for (ptrdiff_t i = 0; i < 6; ++i) {
    const int32_t line[3] = {columns[0][i], columns[1][i], columns[2][i]};
    weigh(line, 1, u + 6 * i);
  }
}

// Input channels first .. first + count - 1 of output channel `o`; returns the sum of its levels.
int64_t pack_chunk(const ConvProblem& problem, const Winograd4Plan& plan, int64_t o, int32_t first,
                   int32_t count, int16_t* group) {
  int8_t taps[9][kChunk];
  const int32_t in_c = problem.shape.in_c;
  for (int64_t tap = 0; tap < 9; ++tap)
    unpack_levels(problem.weights, (o * 9 + tap) * in_c + first, count, taps[tap]);
  int64_t sum = 0;
  const ptrdiff_t lane = o % plan.group;
  for (int32_t k = 0; k < count; ++k) {
    int32_t kernel[9], u[kWinograd4Positions];
    for (int32_t tap = 0; tap < 9; ++tap) sum += kernel[tap] = taps[tap][k];
    transform_kernel(kernel, u);
    const int32_t c = first + k;
    int16_t* to = group + (ptrdiff_t{c / 2} * plan.group + lane) * 2 + c % 2;
    for (int32_t p = 0; p < kWinograd4Positions; ++p)
      to[p * plan.position_step()] = static_cast<int16_t>(u[p]);
  }
  return sum;
}

}  // namespace

void winograd4_pack(const ConvProblem& problem, int32_t group, void* packed) {
  const Winograd4Plan plan(problem.shape, group);
  auto* start = static_cast<int32_t*>(packed);
  auto* bytes = static_cast<uint8_t*>(packed);
  std::fill(bytes, bytes + winograd4_packed_bytes(problem, group), uint8_t{0});
  auto* u = reinterpret_cast<int16_t*>(bytes + plan.start_bytes());
  for (int32_t o = 0; o < problem.shape.out_c; ++o) {
    int16_t* to = u + o / group * kWinograd4Positions * plan.position_step();
    int64_t sum = 0;
    for (int32_t c = 0; c < problem.shape.in_c; c += kChunk)
      sum += pack_chunk(problem, plan, o, c, std::min(kChunk, problem.shape.in_c - c), to);
    start[o] = static_cast<int32_t>(-sum * problem.input->offset);
  }
}

}  // namespace weq::kernels
