#include "kernels/conv/codes.h"

namespace weq::kernels {
namespace {

// Groups of 8 codes: kBits whole bytes each.
template <int kBits>
void unpack_groups(const uint8_t* from, int64_t groups, const int8_t* table, int8_t* levels) {
  constexpr uint64_t kMask = (uint64_t{1} << kBits) - 1;
  for (int64_t g = 0; g < groups; ++g, from += kBits, levels += 8) {
    uint64_t word = 0;
    for (int i = 0; i < kBits; ++i) word |= uint64_t{from[i]} << (8 * i);
    for (int i = 0; i < 8; ++i) levels[i] = table[word >> (kBits * i) & kMask];
  }
}

using UnpackGroups = void (*)(const uint8_t*, int64_t, const int8_t*, int8_t*);
constexpr UnpackGroups kUnpackGroups[] = {unpack_groups<1>, unpack_groups<2>, unpack_groups<3>,
                                          unpack_groups<4>, unpack_groups<5>, unpack_groups<6>,
                                          unpack_groups<7>, unpack_groups<8>};

}  // namespace

void unpack_levels(const ConvWeights& weights, int64_t first, int64_t count, int8_t* levels) {
  const int64_t to_group = (8 - first % 8) % 8;
  const int64_t head = to_group < count ? to_group : count;
  const int64_t groups = (count - head) / 8;
  LevelReader before(weights, first);
  for (int64_t i = 0; i < head; ++i) levels[i] = before.next();
  kUnpackGroups[weights.bits - 1](weights.codes + (first + head) / 8 * weights.bits, groups,
                                  weights.levels, levels + head);
  const int64_t done = head + 8 * groups;
  if (done == count) return;
  LevelReader after(weights, first + done);
  for (int64_t i = done; i < count; ++i) levels[i] = after.next();
}

}  // namespace weq::kernels
