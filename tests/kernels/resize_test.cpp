// Every listed linear resize, and every look-up kernel, against the definition in guarded memory.
#include "kernels/resize/resize.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "kernels/table/table.h"
#include "tests/support/guard_buffer.h"
#include "tests/support/level_maps.h"
#include "tests/support/random.h"

namespace weq::test {
namespace {

TEST(Resize, EveryKernelEqualsTheDefinition) {
  std::set<std::string> ran;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const int32_t c = random.of<int32_t>({1, 3, 15, 16, 17, 31, 33, 64, 65, 130});
    const int64_t h = random.in(1, 4), w = random.in(1, 5);
    const kernels::LevelMap map = random_level_map(random);
    GuardBuffer<uint8_t> x(static_cast<size_t>(h * w * c));
    for (uint8_t& byte : x) byte = map.byte_of_code[random.in(0, map.codes - 1)];
    const kernels::LinearTap vertical = {random.int32(0, h - 1), random.int32(0, h - 1),
                                         random.int32(0, 255)};
    std::vector<kernels::LinearTap> taps;
    for (int64_t i = random.in(1, 6); i > 0; --i)
      taps.push_back({random.int32(0, w - 1), random.int32(0, w - 1), random.int32(0, 255)});
    const kernels::LinearTerms terms = {random.int32(8, 16), random.int32(-30, 30),
                                        random.int32(-500, 500), &map};
    for (int i = 0; i < kernels::kResizeKernelCount; ++i) {
      const kernels::ResizeKernel& kernel = *kernels::kResizeKernels[i];
      if (!kernels::isa_available(kernel.isa) || (!kernel.code_bytes && !map.byte_is_level))
        continue;
      SCOPED_TRACE(kernel.name);
      ran.insert(kernel.name);
      GuardBuffer<int32_t> v(taps.size() * static_cast<size_t>(c));
      kernel.run(x.data(), w * c, c, vertical, taps.data(), static_cast<int32_t>(taps.size()),
                 terms, v.data());
      for (size_t p = 0; p < taps.size(); ++p) {
        for (int64_t k = 0; k < c; ++k) {
          const auto level = [&](int64_t row, int64_t column) {
            return int64_t{map.level[x[static_cast<size_t>((row * w + column) * c + k)]]};
          };
          const int64_t right = taps[p].weight, left = 256 - right;
          const int64_t down = vertical.weight, up = 256 - down;
          const int64_t acc = up * left * level(vertical.first, taps[p].first) +
                              up * right * level(vertical.first, taps[p].second) +
                              down * left * level(vertical.second, taps[p].first) +
                              down * right * level(vertical.second, taps[p].second);
          const int64_t shifted = (acc + (int64_t{1} << (terms.pre_shift - 1))) >> terms.pre_shift;
          EXPECT_EQ(v[p * static_cast<size_t>(c) + static_cast<size_t>(k)],
                    shifted * terms.multiplier + terms.addend);
        }
      }
      EXPECT_TRUE(v.intact());
    }
  }
  for (int i = 0; i < kernels::kResizeKernelCount; ++i) {
    const kernels::ResizeKernel& kernel = *kernels::kResizeKernels[i];
    EXPECT_EQ(ran.count(kernel.name), kernels::isa_available(kernel.isa) ? 1u : 0u) << kernel.name;
  }
}

TEST(Table, EveryKernelLooksUpEveryByteAtEveryLength) {
  Random random(3);
  GuardBuffer<uint8_t> table(256);
  for (uint8_t& byte : table) byte = static_cast<uint8_t>(random.in(0, 255));
  for (int i = 0; i < kernels::kTableKernelCount; ++i) {
    const kernels::TableKernel& kernel = *kernels::kTableKernels[i];
    if (!kernels::isa_available(kernel.isa)) continue;
    SCOPED_TRACE(kernel.name);
    for (size_t count = 0; count <= 300; ++count) {
      GuardBuffer<uint8_t> x(count), y(count);
      for (size_t k = 0; k < count; ++k) x[k] = static_cast<uint8_t>(k + count);
      kernel.run(x.data(), table.data(), static_cast<int64_t>(count), y.data());
      for (size_t k = 0; k < count; ++k) ASSERT_EQ(y[k], table[x[k]]) << count;
      EXPECT_TRUE(y.intact());
      // In place.
      std::vector<uint8_t> expected(y.begin(), y.end());
      kernel.run(x.data(), table.data(), static_cast<int64_t>(count), x.data());
      EXPECT_EQ(std::vector<uint8_t>(x.begin(), x.end()), expected);
    }
  }
}

}  // namespace
}  // namespace weq::test
