#include "kernels/conv/bounds.h"

#include <algorithm>
#include <cstdlib>

#include "kernels/conv/codes.h"
#include "kernels/conv/segments.h"
#include "kernels/conv_lut/flush.h"
#include "kernels/conv_winograd/range.h"

namespace weq::kernels {
namespace {

int64_t weight_count(const ConvShape& shape) {
  return int64_t{shape.out_c} * shape.kernel_h * shape.kernel_w * (shape.in_c / shape.groups);
}

constexpr int64_t kBlock = 512;  // levels unpacked at a time

// Levels one after the other from number `first`, unpacked in blocks; `end` is where they stop.
class LevelStream {
 public:
  LevelStream(const ConvWeights& weights, int64_t first, int64_t end)
      : weights_(weights), next_(first), end_(end) {}

  int32_t next() {
    if (at_ == size_) refill();
    return block_[at_++];
  }

 private:
  void refill() {
    size_ = std::min(kBlock, end_ - next_);
    unpack_levels(weights_, next_, size_, block_);
    next_ += size_;
    at_ = 0;
  }

  const ConvWeights& weights_;
  int64_t next_, end_, at_ = 0, size_ = 0;
  int8_t block_[kBlock];
};

// The weights of one channel as quads, segment after segment, tails filled with zeros.
class QuadReader {
 public:
  QuadReader(const ConvWeights& weights, int64_t first, int64_t end, int32_t length)
      : stream_(weights, first, end), length_(length), left_(length) {}

  void next(int32_t quad[4]) {
    for (int i = 0; i < 4; ++i) quad[i] = i < left_ ? stream_.next() : 0;
    left_ -= 4;
    if (left_ <= 0) left_ = length_;
  }

 private:
  LevelStream stream_;
  int32_t length_, left_;
};

// Sums of the positive and of the negative weights (without the sign) of a run, for both lanes.
// They stay small: a run ends as soon as one passes the limit, which is at most 32767.
struct RunSums {
  int32_t positive0 = 0, negative0 = 0, positive1 = 0, negative1 = 0;

  void add(const int32_t quad[4], int32_t sign) {
    const auto positive = [](int32_t w) { return w > 0 ? w : 0; };
    const int32_t p0 = positive(quad[0]) + positive(quad[1]);
    const int32_t p1 = positive(quad[2]) + positive(quad[3]);
    positive0 += sign * p0;
    positive1 += sign * p1;
    negative0 += sign * (p0 - quad[0] - quad[1]);
    negative1 += sign * (p1 - quad[2] - quad[3]);
  }
  int32_t largest() const {
    return std::max(std::max(positive0, positive1), std::max(negative0, negative1));
  }
};

}  // namespace

int64_t max_abs_acc(const ConvShape& shape, const ConvWeights& weights, const LevelMap& map,
                    int64_t* per_channel) {
  const int64_t count = weight_count(shape) / shape.out_c;
  const int64_t up = std::max(map.max_level, 0), down = std::max(-map.min_level, 0);
  int64_t largest = 0;
  for (int32_t o = 0; o < shape.out_c; ++o) {
    int64_t positive = 0, negative = 0;  // sums of weights of either sign, without the sign
    for (int64_t done = 0; done < count; done += kBlock) {
      const int64_t size = std::min(kBlock, count - done);
      int8_t block[kBlock];
      unpack_levels(weights, o * count + done, size, block);
      int32_t sum = 0, magnitude = 0;
      for (int64_t i = 0; i < size; ++i) {
        sum += block[i];
        magnitude += block[i] < 0 ? -block[i] : block[i];
      }
      positive += (magnitude + sum) / 2;
      negative += (magnitude - sum) / 2;
    }
    const int64_t bound = std::max(positive * up + negative * down,   // the highest acc
                                   positive * down + negative * up);  // minus the lowest
    if (per_channel != nullptr) per_channel[o] = bound;
    largest = std::max(largest, bound);
  }
  return largest;
}

int32_t max_abs_weight(const ConvShape& shape, const ConvWeights& weights) {
  int32_t most = 0;  // in the table; nothing can exceed it, so the walk may end there
  for (int32_t k = 0; k < weights.level_count; ++k)
    most = std::max<int32_t>(most, std::abs(weights.levels[k]));
  const int64_t count = weight_count(shape);
  LevelStream stream(weights, 0, count);
  int32_t largest = 0;
  for (int64_t i = 0; i < count && largest < most; ++i)
    largest = std::max(largest, std::abs(stream.next()));
  return largest;
}

int32_t sum16_flush(const ConvShape& shape, const ConvWeights& weights, const LevelMap& map) {
  if (!map.byte_is_level) return 0;
  const int64_t max_byte = int64_t{map.max_level} + map.offset;
  if (max_byte == 0) return kMaxSum16Flush;
  const auto limit = static_cast<int32_t>(32767 / max_byte);
  const Segments segments = segments_of(shape);
  const int64_t per_channel = int64_t{segments.count()} * segments.length;
  const int64_t quads = segments.total_quads();
  // The shortest run that breaks the bound, by two ends that only move forward.
  int64_t shortest = int64_t{kMaxSum16Flush} + 1;
  for (int32_t o = 0; o < shape.out_c; ++o) {
    const int64_t first = o * per_channel, end = first + per_channel;
    QuadReader head(weights, first, end, segments.length);
    QuadReader tail(weights, first, end, segments.length);
    RunSums sums;
    int64_t length = 0;
    for (int64_t q = 0; q < quads; ++q) {
      int32_t quad[4];
      head.next(quad);
      sums.add(quad, 1);
      ++length;
      while (sums.largest() > limit) {
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
  const WinogradRange range = winograd_range(shape, weights);
  bounds.winograd_line = range.line;
  bounds.winograd_centre = range.centre;
  bounds.winograd4 = range.f4_scaled;
  return bounds;
}

}  // namespace weq::kernels
