// Every listed pool kernel against the definition, on window runs of awkward sizes whose last byte
// lies at the end of guarded memory.
#include "kernels/pool/pool.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "kernels/pool/window.h"
#include "tests/support/guard_buffer.h"
#include "tests/support/level_maps.h"
#include "tests/support/random.h"

namespace weq::test {
namespace {

using kernels::PoolKernel;
using kernels::WindowRun;

TEST(Pool, EveryKernelEqualsTheDefinition) {
  std::set<std::string> ran;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    WindowRun run;
    const int64_t c = random.of<int64_t>({1, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 130});
    const int64_t dilation = random.in(1, 2), stride = random.in(1, 3);
    run.rows = random.int32(1, 4);
    run.columns = random.int32(1, seed % 20 == 0 ? 300 : 4);
    run.windows = random.int32(1, 4);
    run.channels = static_cast<int32_t>(c);
    const int64_t width = (run.windows - 1) * stride + (run.columns - 1) * dilation + 1;
    run.column_stride = dilation * c;
    run.row_stride = dilation * width * c;
    run.step = stride * c;
    run.out_step = c + random.in(0, 2);
    const kernels::LevelMap map = random_level_map(random);
    GuardBuffer<uint8_t> x(static_cast<size_t>(((run.rows - 1) * dilation + 1) * width * c));
    for (uint8_t& byte : x) byte = map.byte_of_code[random.in(0, map.codes - 1)];
    run.x = x.data();
    const kernels::AverageTerms terms = {random.int32(-50, 50), random.int32(-900, 900), &map};
    const auto outputs = static_cast<size_t>((run.windows - 1) * run.out_step + c);
    for (int i = 0; i < kernels::kPoolKernelCount; ++i) {
      const PoolKernel& kernel = *kernels::kPoolKernels[i];
      if (!kernels::isa_available(kernel.isa)) continue;
      SCOPED_TRACE(kernel.name);
      const bool averages = kernel.code_bytes || map.byte_is_level;
      GuardBuffer<uint8_t> most(outputs);
      GuardBuffer<int32_t> v(outputs);
      kernel.maximum(run, most.data());
      if (averages) {
        kernel.average(run, terms, v.data());
        ran.insert(kernel.name);
      }
      for (int64_t w = 0; w < run.windows; ++w) {
        for (int64_t k = 0; k < c; ++k) {
          int best = 0;
          int64_t sum = 0;
          for (int64_t r = 0; r < run.rows; ++r)
            for (int64_t q = 0; q < run.columns; ++q) {
              const uint8_t byte = x[static_cast<size_t>(w * run.step + r * run.row_stride +
                                                         q * run.column_stride + k)];
              best = std::max<int>(best, byte);
              sum += map.level[byte];
            }
          const auto at = static_cast<size_t>(w * run.out_step + k);
          EXPECT_EQ(most[at], best);
          if (averages) {
            EXPECT_EQ(v[at], sum * terms.multiplier + terms.addend);
          }
        }
      }
      EXPECT_TRUE(most.intact() && v.intact());
    }
  }
  for (int i = 0; i < kernels::kPoolKernelCount; ++i) {
    const PoolKernel& kernel = *kernels::kPoolKernels[i];
    EXPECT_EQ(ran.count(kernel.name), kernels::isa_available(kernel.isa) ? 1u : 0u) << kernel.name;
  }
}

TEST(Pool, WindowSpansCountEveryPosition) {
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    kernels::WindowAxis axis;
    axis.in = random.in(1, 12);
    axis.kernel = random.in(1, 6);
    axis.stride = random.in(1, 4);
    axis.dilation = random.in(1, 4);
    axis.pad_before = random.in(0, 5);
    axis.pad_after = random.in(0, 5);
    const int64_t o = random.in(0, 8);
    int64_t first = -1, inside = 0, counted = 0;
    for (int64_t k = 0; k < axis.kernel; ++k) {
      const int64_t at = o * axis.stride - axis.pad_before + k * axis.dilation;
      if (at >= 0 && at < axis.in && inside++ == 0) first = at;
      counted += at < axis.in + axis.pad_after;
    }
    const kernels::WindowSpan span = kernels::window_span(axis, o);
    EXPECT_EQ(span.inside, inside);
    EXPECT_EQ(span.counted, counted);
    if (inside > 0) {
      EXPECT_EQ(span.first, first);
    }
  }
}

}  // namespace
}  // namespace weq::test
