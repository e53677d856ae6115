// Every listed response normalisation against the reference: channel counts around a block, windows
// wider than the channels, bases beyond both ends. The reference itself is held to the formula in
// ops_table_test.
#include "kernels/lrn/lrn.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/support/guard_buffer.h"
#include "tests/support/level_maps.h"
#include "tests/support/random.h"

namespace weq::test {
namespace {

TEST(Lrn, EveryKernelEqualsTheReference) {
  std::set<std::string> ran;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const int32_t c = random.of<int32_t>({1, 2, 15, 63, 64, 65, 96, 127, 128, 130});
    const int64_t pixels = random.in(1, 4);
    const kernels::LevelMap map = random_level_map(random);
    const auto count = static_cast<size_t>(pixels * c);
    GuardBuffer<uint8_t> x(count);
    for (uint8_t& byte : x) byte = map.byte_of_code[random.in(0, map.codes - 1)];
    GuardBuffer<uint16_t> factors(128);
    for (uint16_t& factor : factors) factor = static_cast<uint16_t>(random.in(0, 32767));
    kernels::LrnTerms terms;
    terms.size = random.of<int32_t>({1, 2, 3, 5, 9, 255});
    terms.base = random.of<int32_t>({INT32_MIN, -500, 0, 990, 1016, 1040, 5000, INT32_MAX});
    terms.factors = factors.data();
    terms.pre_shift = random.int32(0, 12);
    terms.multiplier = random.int32(-60, 60);
    terms.addend = random.int32(-999, 999);
    terms.map = &map;
    GuardBuffer<int32_t> expected(count);
    kernels::lrn_reference.run(x.data(), pixels, c, terms, expected.data());
    for (int i = 0; i < kernels::kLrnKernelCount; ++i) {
      const kernels::LrnKernel& kernel = *kernels::kLrnKernels[i];
      if (!kernels::isa_available(kernel.isa) || (!kernel.code_bytes && !map.byte_is_level))
        continue;
      SCOPED_TRACE(kernel.name);
      ran.insert(kernel.name);
      GuardBuffer<int32_t> v(count);
      kernel.run(x.data(), pixels, c, terms, v.data());
      EXPECT_TRUE(std::equal(v.begin(), v.end(), expected.begin()));
      EXPECT_TRUE(v.intact());
    }
  }
  for (int i = 0; i < kernels::kLrnKernelCount; ++i) {
    const kernels::LrnKernel& kernel = *kernels::kLrnKernels[i];
    EXPECT_EQ(ran.count(kernel.name), kernels::isa_available(kernel.isa) ? 1u : 0u) << kernel.name;
  }
}

}  // namespace
}  // namespace weq::test
