#include "kernels/conv/bounds.h"

#include <algorithm>
#include <cstdlib>

#include "kernels/conv/codes.h"
#include "kernels/conv/segments.h"
#include "kernels/conv_lut/flush.h"

namespace weq::kernels {
namespace {

// The weights of one channel as quads, segment after segment, tails filled with zeros.
class QuadReader {
 public:
  QuadReader(const ConvWeights& weights, int64_t first, int32_t length)
      : reader_(weights, first), length_(length), left_(length) {}

  void next(int32_t quad[4]) {
    for (int i = 0; i < 4; ++i) quad[i] = i < left_ ? reader_.next() : 0;
    left_ -= 4;
    if (left_ <= 0) left_ = length_;
  }

 private:
  LevelReader reader_;
  int32_t length_, left_;
};

// Sums of the positive and of the negative weights of a run of quads, for both lanes.
struct RunSums {
  int64_t positive[2] = {0, 0}, negative[2] = {0, 0};

  void add(const int32_t quad[4], int32_t sign) {
    for (int i = 0; i < 4; ++i) {
      int64_t* sums = quad[i] > 0 ? positive : negative;
      sums[i / 2] += sign * std::abs(quad[i]);
    }
  }
  int64_t largest() const {
    return std::max(std::max(positive[0], positive[1]), std::max(negative[0], negative[1]));
  }
};

}  // namespace

int64_t max_abs_acc(const ConvShape& shape, const ConvWeights& weights, const LevelMap& map,
                    int64_t* per_channel) {
  const int64_t count = int64_t{shape.kernel_h} * shape.kernel_w * (shape.in_c / shape.groups);
  LevelReader reader(weights, 0);
  int64_t largest = 0;
  for (int32_t o = 0; o < shape.out_c; ++o) {
    int64_t high = 0, low = 0;
    for (int64_t k = 0; k < count; ++k) {
      const int64_t w = reader.next();
      const int64_t a = w * map.min_level, b = w * map.max_level;
      high += std::max<int64_t>(0, std::max(a, b));
      low += std::min<int64_t>(0, std::min(a, b));
    }
    const int64_t bound = std::max(high, -low);
    if (per_channel != nullptr) per_channel[o] = bound;
    largest = std::max(largest, bound);
  }
  return largest;
}

int32_t max_abs_weight(const ConvShape& shape, const ConvWeights& weights) {
  const int64_t count =
      int64_t{shape.out_c} * shape.kernel_h * shape.kernel_w * (shape.in_c / shape.groups);
  LevelReader reader(weights, 0);
  int32_t largest = 0;
  for (int64_t i = 0; i < count; ++i) largest = std::max<int32_t>(largest, std::abs(reader.next()));
  return largest;
}

int32_t sum16_flush(const ConvShape& shape, const ConvWeights& weights, const LevelMap& map) {
  if (!map.byte_is_level) return 0;
  const int64_t max_byte = int64_t{map.max_level} + map.offset;
  const Segments segments = segments_of(shape);
  const int64_t per_channel = int64_t{segments.count()} * segments.length;
  const int64_t quads = segments.total_quads();
  // The shortest run that breaks the bound, by two ends that only move forward.
  int64_t shortest = int64_t{kMaxSum16Flush} + 1;
  for (int32_t o = 0; o < shape.out_c; ++o) {
    QuadReader head(weights, o * per_channel, segments.length);
    QuadReader tail(weights, o * per_channel, segments.length);
    RunSums sums;
    int64_t length = 0;
    for (int64_t q = 0; q < quads; ++q) {
      int32_t quad[4];
      head.next(quad);
      sums.add(quad, 1);
      ++length;
      while (sums.largest() * max_byte > 32767) {
        shortest = std::min(shortest, length);
        tail.next(quad);
        sums.add(quad, -1);
        --length;
      }
    }
  }
  return static_cast<int32_t>(shortest - 1);
}

ConvBounds compute_bounds(const ConvShape& shape, const ConvWeights& weights, const LevelMap& map) {
  ConvBounds bounds;
  bounds.max_abs_weight = max_abs_weight(shape, weights);
  bounds.lut_flush3 = lut_flush(shape, weights, map, 3);
  bounds.lut_flush2 = lut_flush(shape, weights, map, 2);
  bounds.sum16_flush = sum16_flush(shape, weights, map);
  return bounds;
}

}  // namespace weq::kernels
