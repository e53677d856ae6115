#include "kernels/conv_lut/flush.h"

#include <algorithm>

#include "kernels/conv/codes.h"
#include "kernels/conv/longest_run.h"

namespace weq::kernels {
namespace {

int32_t magnitude(int32_t level) { return level < 0 ? -level : level; }

constexpr int32_t kBlock = 512;  // lookups at a time

// Adds the steps of the lookups [begin, begin + count) of one kernel tap, whose weights start at
// number `tap`: the sums of |Lw| over each one's channels.
void add_lookups(const LevelUnpacker& unpacker, int64_t tap, int32_t in_c, int32_t group,
                 int32_t begin, int32_t count, int32_t filler, LongestRun* run) {
  const int32_t lookups = (in_c + group - 1) / group;
  int16_t sums[kBlock] = {};
  for (int32_t i = 0; i < group; ++i) {
    const int32_t first = begin + i * lookups;
    const int32_t inside = std::clamp(in_c - first, 0, count);
    int8_t levels[kBlock];
    unpacker.unpack(tap + first, inside, levels);
    std::fill(levels + inside, levels + count, static_cast<int8_t>(filler));
    for (int32_t j = 0; j < count; ++j) {
      sums[j] = static_cast<int16_t>(sums[j] + magnitude(levels[j]));
    }
  }
  for (int32_t j = 0; j < count; ++j) run->add(static_cast<uint64_t>(sums[j]));
}

}  // namespace

int32_t lut_filler_code(const ConvWeights& weights) {
  const auto closer = [](int8_t a, int8_t b) { return magnitude(a) < magnitude(b); };
  const int8_t* end = weights.levels + weights.level_count;
  return static_cast<int32_t>(std::min_element(weights.levels, end, closer) - weights.levels);
}

int32_t lut_flush(const ConvShape& shape, const ConvWeights& weights, const LevelMap& input,
                  int32_t group) {
  const bool few = weights.level_count > 0 && weights.level_count <= 4 && input.codes <= 16;
  if (shape.groups != 1 || !few) return 0;
  const int32_t span = input.max_level - input.min_level;
  const int32_t lookups = (shape.in_c + group - 1) / group;
  const int32_t filler = weights.levels[lut_filler_code(weights)];
  const LevelUnpacker unpacker(weights);
  LongestRun run(span == 0 ? 32767 : 255 / span);
  const int64_t taps = int64_t{shape.kernel_h} * shape.kernel_w;
  for (int64_t channel = 0; channel < shape.out_c; ++channel) {
    run.begin();
    for (int64_t tap = channel * taps; tap < (channel + 1) * taps; ++tap) {
      for (int32_t j = 0; j < lookups; j += kBlock) {
        add_lookups(unpacker, tap * shape.in_c, shape.in_c, group, j, std::min(kBlock, lookups - j),
                    filler, &run);
      }
    }
    run.end();
  }
  return run.longest();
}

}  // namespace weq::kernels
