#include <algorithm>

#include "kernels/conv/codes.h"
#include "kernels/conv_winograd/winograd4.h"

namespace weq::kernels {
namespace {

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

// Where the parts of a chunk of one group lie.
struct Chunk {
  const Winograd4Plan& plan;
  uint8_t* bytes;
  ptrdiff_t u_step;

  void put(int32_t pair, int64_t at, const int32_t kernel[9]) const {
    if (!plan.made_early) {
      auto* levels = reinterpret_cast<int8_t*>(bytes) + ptrdiff_t{pair} * 18 * plan.group + at;
      for (ptrdiff_t tap = 0; tap < 9; ++tap)
        levels[tap * 2 * plan.group] = static_cast<int8_t>(kernel[tap]);
      return;
    }
    int32_t u[kWinograd4Positions];
    transform_kernel(kernel, u);
    auto* to = reinterpret_cast<int16_t*>(bytes) + ptrdiff_t{pair} * 2 * plan.group + at;
    for (ptrdiff_t p = 0; p < kWinograd4Positions; ++p) to[p * u_step] = static_cast<int16_t>(u[p]);
  }
};

// One chunk of output channel `o`; returns the sum of its levels.
int64_t pack_chunk(const LevelUnpacker& unpacker, const Chunk& chunk, int64_t o, int32_t first) {
  constexpr int32_t kChannels = 2 * kWinograd4ChunkPairs;
  const int32_t in_c = chunk.plan.in_c, count = std::min(kChannels, in_c - first);
  int8_t taps[9][kChannels];
  for (int64_t tap = 0; tap < 9; ++tap)
    unpacker.unpack((o * 9 + tap) * in_c + first, count, taps[tap]);
  int64_t sum = 0;
  for (int32_t c = 0; c < count; ++c) {
    int32_t kernel[9];
    for (int32_t tap = 0; tap < 9; ++tap) sum += kernel[tap] = taps[tap][c];
    chunk.put(c / 2, o % chunk.plan.out_c % chunk.plan.group * 2 + c % 2, kernel);
  }
  return sum;
}

}  // namespace

void winograd4_pack(const ConvProblem& problem, int32_t group, void* packed) {
  const Winograd4Plan plan(problem.shape, group);
  auto* bytes = static_cast<uint8_t*>(packed);
  std::fill(bytes, bytes + winograd4_packed_bytes(problem, group), uint8_t{0});
  const LevelUnpacker unpacker(problem.weights);
  for (int32_t o = 0; o < problem.shape.out_c; ++o) {
    const int32_t in_part = o % plan.out_c;
    uint8_t* part = bytes + size_t(o / plan.out_c) * plan.part_bytes();
    uint8_t* group_bytes = part + plan.start_bytes() + size_t(in_part / group) * plan.group_bytes();
    int64_t sum = 0;
    for (int32_t chunk = 0; chunk < plan.chunks; ++chunk) {
      const int32_t pair = chunk * kWinograd4ChunkPairs;
      const Chunk place = {plan, group_bytes + size_t(pair) * plan.pair_bytes(),
                           plan.u_step(chunk)};
      sum += pack_chunk(unpacker, place, o, 2 * pair);
    }
    reinterpret_cast<int32_t*>(part)[in_part] = static_cast<int32_t>(-sum * problem.input->offset);
  }
}

}  // namespace weq::kernels
