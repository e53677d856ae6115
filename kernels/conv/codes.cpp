#include "kernels/conv/codes.h"

#include <cstring>

namespace weq::kernels {
namespace {

// Codes that are looked up together: as many as an index of 8 bits holds, in a power of two.
constexpr int32_t together(int32_t bits) {
  return bits == 1 ? 8 : bits == 2 ? 4 : bits <= 4 ? 2 : 1;
}

// Groups of 8 codes: kBits whole bytes each.
template <int32_t kBits>
void unpack_groups(const uint8_t* from, int64_t groups, const int8_t* table, int8_t* levels) {
  constexpr int32_t kTogether = together(kBits), kIndexBits = kBits * kTogether;
  constexpr uint64_t kMask = (uint64_t{1} << kIndexBits) - 1;
  for (int64_t g = 0; g < groups; ++g, from += kBits, levels += 8) {
    uint64_t word = 0;
    for (int32_t i = 0; i < kBits; ++i) word |= uint64_t{from[i]} << (8 * i);
    for (int32_t i = 0; i < 8 / kTogether; ++i) {
      std::memcpy(levels + i * kTogether, table + kTogether * (word >> (kIndexBits * i) & kMask),
                  kTogether);
    }
  }
}

using UnpackGroups = void (*)(const uint8_t*, int64_t, const int8_t*, int8_t*);
constexpr UnpackGroups kUnpackGroups[] = {unpack_groups<1>, unpack_groups<2>, unpack_groups<3>,
                                          unpack_groups<4>, unpack_groups<5>, unpack_groups<6>,
                                          unpack_groups<7>, unpack_groups<8>};

}  // namespace

LevelUnpacker::LevelUnpacker(const ConvWeights& weights)
    : weights_(weights), together_(together(weights.bits)) {
  const int32_t codes = 1 << weights.bits;
  for (int32_t index = 0; index < 1 << (weights.bits * together_); ++index) {
    for (int32_t i = 0; i < together_; ++i) {
      const int32_t code = index >> (weights.bits * i) & (codes - 1);
      levels_[index * together_ + i] =
          code < weights.level_count ? weights.levels[code] : int8_t{0};
    }
  }
}

void LevelUnpacker::unpack(int64_t first, int64_t count, int8_t* levels) const {
  const int64_t to_group = (8 - first % 8) % 8;
  const int64_t head = to_group < count ? to_group : count;
  const int64_t groups = (count - head) / 8;
  LevelReader before(weights_, first);
  for (int64_t i = 0; i < head; ++i) levels[i] = before.next();
  kUnpackGroups[weights_.bits - 1](weights_.codes + (first + head) / 8 * weights_.bits, groups,
                                   levels_, levels + head);
  const int64_t done = head + 8 * groups;
  if (done == count) return;
  LevelReader after(weights_, first + done);
  for (int64_t i = done; i < count; ++i) levels[i] = after.next();
}

}  // namespace weq::kernels
