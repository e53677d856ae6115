// Every listed element-wise kernel against the definition, on tiles of awkward sizes in guarded
// memory.
#include "kernels/elementwise/elementwise.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/support/guard_buffer.h"
#include "tests/support/level_maps.h"
#include "tests/support/random.h"

namespace weq::test {
namespace {

using kernels::ElementwiseKernel;
using kernels::PairTile;

GuardBuffer<uint8_t> random_buffer(Random& random, const kernels::LevelMap& map, size_t count) {
  GuardBuffer<uint8_t> buffer(count);
  for (uint8_t& byte : buffer) byte = map.byte_of_code[random.in(0, map.codes - 1)];
  return buffer;
}

struct Case {
  explicit Case(Random& random) {
    tile.rows = random.int32(1, 5);
    tile.columns = random.of<int32_t>({1, 2, 7, 15, 16, 31, 32, 33, 63, 64, 65, 127, 130, 517});
    tile.a_step = random.chance(0.8);
    tile.b_step = random.chance(0.8);
    tile.a_row = random.chance(0.7) ? tile.columns * tile.a_step + random.int32(0, 3) : 0;
    tile.b_row = random.chance(0.7) ? tile.columns * tile.b_step + random.int32(0, 3) : 0;
    a_map = random_level_map(random);
    b_map = random_level_map(random);
    a = random_buffer(random, a_map, size(tile.a_row, tile.a_step));
    b = random_buffer(random, b_map, size(tile.b_row, tile.b_step));
    tile.a = a.data();
    tile.b = b.data();
  }
  size_t size(ptrdiff_t row, int32_t step) const {
    return static_cast<size_t>((tile.rows - 1) * row + (tile.columns - 1) * step + 1);
  }
  template <class F>
  void each(F f) const {
    for (int32_t r = 0; r < tile.rows; ++r)
      for (int32_t c = 0; c < tile.columns; ++c)
        f(static_cast<size_t>(r * tile.columns + c),
          a[static_cast<size_t>(r * tile.a_row + c * tile.a_step)],
          b[static_cast<size_t>(r * tile.b_row + c * tile.b_step)]);
  }
  PairTile tile;
  kernels::LevelMap a_map, b_map;
  GuardBuffer<uint8_t> a, b;
};

TEST(Elementwise, EveryKernelEqualsTheDefinition) {
  std::set<std::string> ran;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Case x(random);
    const auto count = static_cast<size_t>(x.tile.rows) * static_cast<size_t>(x.tile.columns);
    const kernels::AddTerms sum = {random.int32(-30000, 30000), random.int32(-30000, 30000),
                                   random.int32(-30000, 30000), &x.a_map, &x.b_map};
    const kernels::MultiplyTerms product = {random.int32(0, 10), random.int32(-900, 900),
                                            random.int32(-30000, 30000), &x.a_map, &x.b_map};
    for (int i = 0; i < kernels::kElementwiseKernelCount; ++i) {
      const ElementwiseKernel& kernel = *kernels::kElementwiseKernels[i];
      if (!kernels::isa_available(kernel.isa)) continue;
      SCOPED_TRACE(kernel.name);
      if (kernel.code_bytes || (x.a_map.byte_is_level && x.b_map.byte_is_level)) {
        ran.insert(kernel.name);
        GuardBuffer<int32_t> added(count), multiplied(count);
        kernel.add(x.tile, sum, added.data());
        kernel.multiply(x.tile, product, multiplied.data());
        x.each([&](size_t at, uint8_t a, uint8_t b) {
          const int64_t la = x.a_map.level[a], lb = x.b_map.level[b];
          EXPECT_EQ(added[at], sum.factor_a * la + sum.factor_b * lb + sum.addend);
          const int64_t round = product.pre_shift ? int64_t{1} << (product.pre_shift - 1) : 0;
          EXPECT_EQ(multiplied[at],
                    ((la * lb + round) >> product.pre_shift) * product.multiplier + product.addend);
        });
        EXPECT_TRUE(added.intact() && multiplied.intact());
      }
      GuardBuffer<uint8_t> low(count), high(count);
      kernel.minimum(x.tile, low.data(), x.tile.columns);
      kernel.maximum(x.tile, high.data(), x.tile.columns);
      x.each([&](size_t at, uint8_t a, uint8_t b) {
        EXPECT_EQ(low[at], std::min(a, b));
        EXPECT_EQ(high[at], std::max(a, b));
      });
      EXPECT_TRUE(low.intact() && high.intact());
    }
  }
  for (int i = 0; i < kernels::kElementwiseKernelCount; ++i) {
    const ElementwiseKernel& kernel = *kernels::kElementwiseKernels[i];
    EXPECT_EQ(ran.count(kernel.name), kernels::isa_available(kernel.isa) ? 1u : 0u) << kernel.name;
  }
}

// Factors for which offset * factor leaves 32 bits although every result fits.
TEST(Elementwise, OffsetsMayWrapOnTheWay) {
  const kernels::LevelMap map = make_level_map({-1, 0, 1}, true, 128);
  GuardBuffer<uint8_t> a(64), b(64);
  for (size_t i = 0; i < 64; ++i) {
    a[i] = static_cast<uint8_t>(127 + i % 3);
    b[i] = static_cast<uint8_t>(127 + i / 3 % 3);
  }
  const int32_t factor = 1 << 29;
  const kernels::AddTerms terms = {factor, -factor, 5, &map, &map};
  PairTile tile;
  tile.a = a.data();
  tile.b = b.data();
  tile.rows = 1;
  tile.columns = 64;
  for (int i = 0; i < kernels::kElementwiseKernelCount; ++i) {
    if (!kernels::isa_available(kernels::kElementwiseKernels[i]->isa)) continue;
    GuardBuffer<int32_t> v(64);
    kernels::kElementwiseKernels[i]->add(tile, terms, v.data());
    for (size_t k = 0; k < 64; ++k)
      EXPECT_EQ(v[k], int64_t{factor} * (a[k] - 128) - int64_t{factor} * (b[k] - 128) + 5);
  }
}

}  // namespace
}  // namespace weq::test
