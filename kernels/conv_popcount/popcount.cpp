#include "kernels/conv_popcount/popcount.h"

#include <cstring>

#include "kernels/conv/codes.h"

namespace weq::kernels {
namespace {

int32_t level_of_code(const LevelMap& map, int32_t code) {
  return map.level[map.byte_of_code[code]];
}

}  // namespace

PopcountPacked::PopcountPacked(const ConvShape& shape) {
  const size_t channels = round_up(size_t(shape.out_c), size_t{kPopcountBlock});
  const auto words = size_t(lut_layout(shape, kPopcountGroup).total_lookups());
  start = round_up(sizeof(PopcountConstants), kAlignment);
  panels = start + round_up(channels * sizeof(int32_t), kAlignment);
  block_bytes = words * kPopcountBlock * sizeof(uint64_t);
  bytes = panels + channels / kPopcountBlock * block_bytes;
}

const char* popcount_refuse(const ConvProblem& problem) {
  if (problem.shape.groups != 1) return "grouped convolution";
  if (problem.weights.level_count != 2) return "not 2 weight codes";
  if (problem.input->codes != 2) return "not 2 activation codes";
  const int32_t w0 = problem.weights.levels[0], w1 = problem.weights.levels[1];
  if (w0 != -w1 && w0 != 0 && w1 != 0) return "weights neither opposite nor one of them 0";
  return nullptr;
}

void popcount_pack(const ConvProblem& problem, void* packed) {
  const ConvShape& s = problem.shape;
  const PopcountPacked offsets(s);
  auto* bytes = static_cast<uint8_t*>(packed);
  std::memset(bytes, 0, offsets.bytes);
  const int32_t w0 = problem.weights.levels[0], w1 = problem.weights.levels[1];
  const bool exclusive = w0 == -w1;
  const int32_t one = exclusive || w0 == 0 ? 1 : 0;  // the code of bit 1
  const int32_t least = level_of_code(*problem.input, 0);
  const int32_t step = level_of_code(*problem.input, 1) - least;
  const int32_t scale = step * (one == 1 ? w1 : w0);
  *static_cast<PopcountConstants*>(packed) = {exclusive ? -scale : scale, exclusive};
  auto* start = reinterpret_cast<int32_t*>(bytes + offsets.start);
  const int64_t taps = int64_t{s.kernel_h} * s.kernel_w;
  LevelReader reader(problem.weights, 0);
  for (int32_t o = 0; o < s.out_c; ++o) {
    auto* word = reinterpret_cast<uint64_t*>(bytes + offsets.panels +
                                             size_t(o / kPopcountBlock) * offsets.block_bytes) +
                 o % kPopcountBlock;
    for (int64_t tap = 0; tap < taps; ++tap) {
      for (int32_t c = 0; c < s.in_c; ++c) {
        const int32_t code = reader.next_code();
        if (code == one) {
          word[c / kPopcountGroup * kPopcountBlock] |= uint64_t{1} << c % kPopcountGroup;
          if (exclusive) start[o] += scale;
        }
        start[o] += least * problem.weights.levels[code];
      }
      word += (s.in_c + kPopcountGroup - 1) / kPopcountGroup * kPopcountBlock;
    }
  }
}

}  // namespace weq::kernels
