// Placement of extents, and the planner's use of it.
#include "engine/runtime/arena.h"

#include <gtest/gtest.h>

#include "kernels/contract.h"
#include "tests/support/random.h"

namespace weq::test {
namespace {

TEST(Arena, NoTwoExtentsAliveAtOnceOverlap) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    std::vector<Extent> extents;
    for (int64_t i = random.in(0, 40); i > 0; --i) {
      const int64_t first = random.in(0, 30);
      extents.push_back(
          {static_cast<size_t>(64 * random.in(1, 50)), first, first + random.in(0, 8), 0});
    }
    const size_t total = place_extents(&extents);
    size_t live_most = 0, end = 0;
    for (size_t i = 0; i < extents.size(); ++i) {
      const Extent& a = extents[i];
      EXPECT_EQ(a.offset % kernels::kAlignment, 0u);
      end = std::max(end, a.offset + a.bytes);
      size_t live = 0;
      for (const Extent& b : extents) {
        if (b.first <= a.first && a.first <= b.last) live += b.bytes;
        if (&a == &b || a.last < b.first || b.last < a.first) continue;
        EXPECT_TRUE(a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset);
      }
      live_most = std::max(live_most, live);
    }
    EXPECT_EQ(total, end);
    EXPECT_GE(total, live_most);
  }
}

TEST(Arena, AChainOfEqualTensorsNeedsTwo) {
  std::vector<Extent> extents;
  for (int64_t i = 0; i < 10; ++i) extents.push_back({640, i, i + 1, 0});
  EXPECT_EQ(place_extents(&extents), 1280u);
}

TEST(Arena, TheSmallestGapThatHoldsAnExtentIsTaken) {
  // At step 1 two gaps are open: 1024 bytes at 0, and 256 bytes between the two that stay.
  std::vector<Extent> extents = {
      {1024, 0, 0, 0}, {512, 0, 1, 0}, {256, 0, 0, 0}, {192, 0, 1, 0}, {128, 1, 1, 0}};
  place_extents(&extents);
  EXPECT_EQ(extents[0].offset, 0u);
  EXPECT_EQ(extents[1].offset, 1024u);
  EXPECT_EQ(extents[2].offset, 1536u);
  EXPECT_EQ(extents[3].offset, 1792u);
  EXPECT_EQ(extents[4].offset, 1536u);
}

}  // namespace
}  // namespace weq::test
