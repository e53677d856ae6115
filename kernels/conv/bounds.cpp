#include "kernels/conv/bounds.h"

#include <algorithm>
#include <cstdlib>

#include "kernels/conv/codes.h"
#include "kernels/conv/longest_run.h"
#include "kernels/conv/segments.h"
#include "kernels/conv_lut/flush.h"
#include "kernels/conv_winograd/range.h"

namespace weq::kernels {
namespace {

int64_t weight_count(const ConvShape& shape) {
  return int64_t{shape.out_c} * shape.kernel_h * shape.kernel_w * (shape.in_c / shape.groups);
}

constexpr int64_t kBlock = 1024;  // levels unpacked at a time; whole quads

// What one weight adds to the sums of a lane: its positive part, its negative part above it.
struct SignParts {
  uint64_t of[256];
  SignParts() {
    for (int32_t w = -128; w < 128; ++w) {
      of[static_cast<uint8_t>(w)] = static_cast<uint64_t>(w > 0 ? w : -w << 16);
    }
  }
  uint64_t step(const int8_t* quad) const {
    return of[byte(quad[0])] + of[byte(quad[1])] + ((of[byte(quad[2])] + of[byte(quad[3])]) << 32);
  }
  static uint8_t byte(int8_t level) { return static_cast<uint8_t>(level); }
};

// Sums of the weights of either sign of one channel, without the sign.
struct SignSums {
  int64_t positive = 0, negative = 0;

  SignSums(const LevelUnpacker& unpacker, int64_t first, int64_t count) {
    for (int64_t done = 0; done < count; done += kBlock) {
      const int64_t size = std::min(kBlock, count - done);
      int8_t block[kBlock];
      unpacker.unpack(first + done, size, block);
      int32_t sum = 0, magnitude = 0;
      for (int64_t i = 0; i < size; ++i) {
        sum += block[i];
        magnitude += block[i] < 0 ? -block[i] : block[i];
      }
      positive += (magnitude + sum) / 2;
      negative += (magnitude - sum) / 2;
    }
  }
  int64_t max_abs_acc(const LevelMap& map) const {
    const int64_t up = std::max(map.max_level, 0), down = std::max(-map.min_level, 0);
    return std::max(positive * up + negative * down,   // the highest acc
                    positive * down + negative * up);  // minus the lowest
  }
};

// Sets max_abs_acc and max_one_sign.
void bound_sums(const ConvShape& shape, const ConvWeights& weights, const LevelMap& map,
                int64_t* per_channel, ConvBounds* bounds) {
  const int64_t count = weight_count(shape) / shape.out_c;
  const LevelUnpacker unpacker(weights);
  bounds->max_abs_acc = bounds->max_one_sign = 0;
  for (int32_t o = 0; o < shape.out_c; ++o) {
    const SignSums sums(unpacker, o * count, count);
    const int64_t acc = sums.max_abs_acc(map);
    if (per_channel != nullptr) per_channel[o] = acc;
    bounds->max_abs_acc = std::max(bounds->max_abs_acc, acc);
    bounds->max_one_sign = std::max({bounds->max_one_sign, sums.positive, sums.negative});
  }
}

}  // namespace

int64_t max_abs_acc(const ConvShape& shape, const ConvWeights& weights, const LevelMap& map,
                    int64_t* per_channel) {
  ConvBounds bounds;
  bound_sums(shape, weights, map, per_channel, &bounds);
  return bounds.max_abs_acc;
}

int32_t max_abs_weight(const ConvShape& shape, const ConvWeights& weights) {
  int32_t most = 0;  // in the table; nothing can exceed it, so the walk may end there
  for (int32_t k = 0; k < weights.level_count; ++k)
    most = std::max<int32_t>(most, std::abs(weights.levels[k]));
  const int64_t count = weight_count(shape);
  LevelReader reader(weights, 0);
  int32_t largest = 0;
  for (int64_t i = 0; i < count && largest < most; ++i)
    largest = std::max<int32_t>(largest, std::abs(reader.next()));
  return largest;
}

int32_t sum16_flush(const ConvShape& shape, const ConvWeights& weights, const LevelMap& map) {
  if (!map.byte_is_level) return 0;
  const int64_t max_byte = int64_t{map.max_level} + map.offset;
  const Segments segments = segments_of(shape);
  const LevelUnpacker unpacker(weights);
  const SignParts parts;
  LongestRun run(max_byte == 0 ? 32767 : static_cast<int32_t>(32767 / max_byte));
  for (int64_t o = 0; o < shape.out_c; ++o) {
    run.begin();
    for (int64_t segment = 0; segment < segments.count(); ++segment) {
      const int64_t first = (o * segments.count() + segment) * segments.length;
      for (int64_t k = 0; k < segments.length; k += kBlock) {
        const int64_t size = std::min(kBlock, segments.length - k);
        int8_t block[kBlock + 4];
        unpacker.unpack(first + k, size, block);
        std::fill(block + size, block + size + 4, int8_t{0});
        for (int64_t i = 0; i < size; i += 4) run.add(parts.step(block + i));
      }
    }
    run.end();
  }
  return run.longest();
}

ConvBounds compute_bounds(const ConvShape& shape, const ConvWeights& weights, const LevelMap& map,
                          int64_t* per_channel) {
  ConvBounds bounds;
  bound_sums(shape, weights, map, per_channel, &bounds);
  bounds.max_abs_weight = max_abs_weight(shape, weights);
  bounds.lut_flush3 = lut_flush(shape, weights, map, 3);
  bounds.lut_flush2 = lut_flush(shape, weights, map, 2);
  bounds.sum16_flush = sum16_flush(shape, weights, map);
  const WinogradRange range = winograd_range(shape, weights);
  bounds.winograd_line = range.line;
  bounds.winograd_centre = range.centre;
  bounds.winograd4 = range.f4_scaled;
  return bounds;
}

}  // namespace weq::kernels
