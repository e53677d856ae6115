// MaxPool and AveragePool against plain loops over windows, position by position.
#include <gtest/gtest.h>

#include "engine/ops/average.h"
#include "tests/support/op_case.h"

namespace weq::test {
namespace {

struct PoolCase {
  int64_t n = 1, h = 1, w = 1, c = 1;
  uint16_t kernel[2], stride[2], dilation[2], before[2], after[2];
  bool ceil = false, global = false;

  explicit PoolCase(Random& random, bool dilated) {
    n = random.in(1, 3);
    h = random.in(1, 13);
    w = random.in(1, 21);
    c = random.of<int64_t>({1, 3, 15, 16, 32, 33, 63, 64, 65, 130, 300});
    global = random.chance(0.15);
    ceil = random.chance(0.4);
    const int64_t size[2] = {h, w};
    for (int i = 0; i < 2; ++i) {
      kernel[i] = static_cast<uint16_t>(random.in(1, std::min<int64_t>(5, size[i])));
      stride[i] = static_cast<uint16_t>(random.in(1, 3));
      dilation[i] = 1;
      if (dilated && (kernel[i] - 1) * 2 + 1 <= size[i] && random.chance(0.3)) dilation[i] = 2;
      before[i] = static_cast<uint16_t>(random.in(0, kernel[i] / 2));
      after[i] = static_cast<uint16_t>(random.in(0, kernel[i] / 2));
    }
  }

  // Output length by trying windows one after the other: each must start inside the image or the
  // padding before it, and without ceil end inside image and padding.
  int64_t outputs(int axis) const {
    if (global) return 1;
    const int64_t in = axis == 0 ? h : w;
    int64_t o = 0;
    for (;; ++o) {
      const int64_t start = o * stride[axis] - before[axis];
      const int64_t last = start + (kernel[axis] - 1) * dilation[axis];
      const int64_t limit = in + after[axis];
      if (!ceil && last >= limit) break;
      // The step before must have left a remainder, and this window must start in the image.
      if (ceil && o > 0 && (start >= in || last - stride[axis] + 1 >= limit)) break;
    }
    return o;
  }

  // visit(inside, offset of the pixel's first channel) for each position that counts.
  template <class F>
  void each_position(int64_t image, int64_t oh, int64_t ow, F visit) const {
    if (global) {
      for (int64_t i = 0; i < h * w; ++i) visit(true, (image * h * w + i) * c);
      return;
    }
    for (int64_t i = 0; i < kernel[0]; ++i) {
      for (int64_t j = 0; j < kernel[1]; ++j) {
        const int64_t y = oh * stride[0] - before[0] + i * dilation[0];
        const int64_t x = ow * stride[1] - before[1] + j * dilation[1];
        if (y >= h + after[0] || x >= w + after[1]) continue;
        const bool inside = y >= 0 && y < h && x >= 0 && x < w;
        visit(inside, ((image * h + y) * w + x) * c);
      }
    }
  }

  template <class Table>
  void fill(Table* table) const {
    table->global = global;
    table->ceil_mode = ceil;
    if (global) return;
    table->kernel = {kernel[0], kernel[1]};
    table->stride = {stride[0], stride[1]};
    table->pads = {before[0], before[1], after[0], after[1]};
  }
  bool windows_inside() const {
    for (int64_t oh = 0; oh < outputs(0); ++oh) {
      for (int64_t ow = 0; ow < outputs(1); ++ow) {
        int inside = 0;
        each_position(0, oh, ow, [&](bool in, int64_t) { inside += in; });
        if (inside == 0) return false;
      }
    }
    return true;
  }
};

TEST(OpsPool, MaximumIsTheLargestByteInsideTheImage) {
  int tried = 0;
  for (uint64_t seed = 1; tried < 80; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const PoolCase p(random, true);
    if (!p.windows_inside()) continue;
    ++tried;
    const kernels::LevelMap map = random_level_map(random);
    const std::vector<uint8_t> x = random_bytes(random, map, p.n * p.h * p.w * p.c);
    OpCase op;
    const QuantizerInfo* q = op.quantizer(map);
    op.bytes_input(q, {p.n, p.h, p.w, p.c}, x);
    op.bytes_output(q);
    format::MaxPoolT table;
    p.fill(&table);
    if (!p.global) table.dilation = {p.dilation[0], p.dilation[1]};
    op.set_op(std::move(table));
    const auto results = op.run();
    ASSERT_EQ(results.size(), 1u);
    ASSERT_EQ(op.output_shape(), (Shape{p.n, p.outputs(0), p.outputs(1), p.c}));
    std::vector<uint8_t> expected;
    for (int64_t n = 0; n < p.n; ++n)
      for (int64_t oh = 0; oh < p.outputs(0); ++oh)
        for (int64_t ow = 0; ow < p.outputs(1); ++ow)
          for (int64_t c = 0; c < p.c; ++c) {
            int best = -1;
            p.each_position(n, oh, ow, [&](bool inside, int64_t at) {
              if (inside) best = std::max<int>(best, x[static_cast<size_t>(at + c)]);
            });
            expected.push_back(static_cast<uint8_t>(best));
          }
    EXPECT_EQ(results[0], expected);
  }
}

TEST(OpsPool, AverageIsTheSumTimesTheMultiplierOfItsCount) {
  int tried = 0;
  for (uint64_t seed = 1; tried < 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed + 500);
    const PoolCase p(random, false);
    if (!p.windows_inside()) continue;
    ++tried;
    const kernels::LevelMap map = random_level_map(random);
    const std::vector<uint8_t> x = random_bytes(random, map, p.n * p.h * p.w * p.c);
    OpCase op;
    op.bytes_input(op.quantizer(map), {p.n, p.h, p.w, p.c}, x);
    format::AveragePoolT table;
    p.fill(&table);
    table.count_include_pad = random.chance(0.5);
    table.sum = random.chance(0.2);
    table.unit = 1;
    table.scale_bits = static_cast<uint8_t>(random.in(0, 20));
    const int64_t most = table.sum ? 1000 : 100000;  // largest |multiplier|
    table.scaled_multiplier = random.in(-most, most) * (int64_t{1} << table.scale_bits);
    table.scaled_multiplier += random.in(0, (int64_t{1} << table.scale_bits) - 1);
    table.addend = random.int32(-1000, 1000);
    const Ends ends(random, &op, table.unit, random.chance(0.5) ? 100000 : INT32_MAX);
    table.outputs = ends.lists();
    const bool include = table.count_include_pad, sum = table.sum;
    const int64_t m1 = table.scaled_multiplier;
    const int s = table.scale_bits, addend = table.addend;
    op.set_op(std::move(table));
    const auto results = op.run();
    ASSERT_EQ(op.output_shape(), (Shape{p.n, p.outputs(0), p.outputs(1), p.c}));
    std::vector<int64_t> v;
    for (int64_t n = 0; n < p.n; ++n)
      for (int64_t oh = 0; oh < p.outputs(0); ++oh)
        for (int64_t ow = 0; ow < p.outputs(1); ++ow)
          for (int64_t c = 0; c < p.c; ++c) {
            int64_t acc = 0, count = 0;
            p.each_position(n, oh, ow, [&](bool inside, int64_t at) {
              count += inside || include;
              if (inside) acc += map.level[x[static_cast<size_t>(at + c)]];
            });
            if (sum) count = 1;
            const int64_t m = (2 * m1 / count + (int64_t{1} << s)) >> (s + 1);
            v.push_back(acc * m + addend);
          }
    ends.expect(v, results);
  }
}

// A large window: 16-bit partial sums must be widened in time.
TEST(OpsPool, GlobalAverageOfALargeImageIsExact) {
  Random random(7);
  const kernels::LevelMap map = make_level_map(random_levels(random, 256, 0, 255), true, 0);
  const Shape shape = {2, 61, 47, 70};
  const std::vector<uint8_t> x(static_cast<size_t>(elements(shape)), 255);
  OpCase op;
  op.bytes_input(op.quantizer(map), shape, x);
  op.units_output(1);
  format::AveragePoolT table;
  table.global = true;
  table.sum = true;
  table.scaled_multiplier = 2;
  table.unit = 1;
  table.outputs.push_back(std::make_unique<format::RequantizedT>());
  op.set_op(std::move(table));
  const auto results = op.run();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(bytes_as<int32_t>(results[0]), std::vector<int32_t>(140, 61 * 47 * 255 * 2));
}

TEST(OpsPool, RankThreeHasNoHeight) {
  Random random(3);
  const kernels::LevelMap map = make_level_map({0, 1, 2, 5}, true, 0);
  const std::vector<uint8_t> x = {0, 1, 5, 2, 1, 0, 2, 2, 5, 0, 0, 1};
  OpCase op;
  const QuantizerInfo* q = op.quantizer(map);
  op.bytes_input(q, {1, 6, 2}, x);
  op.bytes_output(q);
  format::MaxPoolT table;
  table.kernel = {1, 2};
  table.stride = {1, 2};
  op.set_op(std::move(table));
  const auto results = op.run();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(op.output_shape(), (Shape{1, 3, 2}));
  EXPECT_EQ(results[0], (std::vector<uint8_t>{5, 2, 2, 2, 5, 1}));
}

TEST(OpsPool, BadWindowsAreRefused) {
  const auto fault = [&](format::MaxPoolT table, Shape shape) {
    OpCase op;
    const QuantizerInfo* q = op.quantizer(make_level_map({0, 1}, true, 0));
    op.bytes_input(q, shape, std::vector<uint8_t>(static_cast<size_t>(elements(shape))));
    op.bytes_output(q);
    op.set_op(std::move(table));
    return op.fault();
  };
  format::MaxPoolT table;
  EXPECT_EQ(fault(table, {1, 4, 4, 2}), "kernel: missing");
  table.kernel = {2, 0};
  EXPECT_EQ(fault(table, {1, 4, 4, 2}), "kernel: not two positive numbers");
  table.kernel = {2, 2};
  EXPECT_EQ(fault(table, {4, 2}), "inputs: the input has less than three axes");
  EXPECT_EQ(fault(table, {1, 4, 2}), "kernel: windows of height on an input of three axes");
  EXPECT_EQ(fault(table, {1, 1, 4, 2}), "kernel: larger than the padded input");
  table.pads = {2, 0, 0, 0};
  EXPECT_EQ(fault(table, {1, 4, 4, 2}), "pads: a window would lie in the padding alone");
  table.pads = {0, 0, 0, 2};
  EXPECT_EQ(fault(table, {1, 4, 4, 2}), "pads: a window would lie in the padding alone");
  table.pads = {0, 4, 0, 4};
  table.dilation = {1, 5};
  EXPECT_EQ(fault(table, {1, 4, 2, 2}), "pads: a window would lie in the padding alone");
  table.pads = {0, 0};
  EXPECT_EQ(fault(table, {1, 4, 4, 2}), "pads: not four numbers");
}

TEST(OpsPool, AverageBoundCoversEveryWindow) {
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    Random random(seed);
    const int64_t level = random.in(0, 300), positions = random.in(1, 60);
    const int s = random.int32(0, 30);
    const int64_t m1 = random.in(-1000000, 1000000) * (int64_t{1} << random.in(0, s));
    const bool sum = random.chance(0.5);
    const int64_t bound = average_bound(level, positions, m1, s, 17, sum);
    if (bound < 0) continue;
    for (int64_t inside = 1; inside <= positions; ++inside) {
      const int64_t n = sum ? 1 : inside;
      EXPECT_LE(std::abs(level * inside * average_multiplier(m1, s, n)) + 17, bound)
          << "seed " << seed;
    }
  }
  EXPECT_EQ(average_bound(255, 49, int64_t{1} << 54, 24, 0, false), -1);
  EXPECT_EQ(average_bound(255, int64_t{1} << 31, 1, 0, 0, false), -1);
  EXPECT_EQ(average_bound(255, 1 << 24, 1, 0, 0, false), -1);
}

}  // namespace
}  // namespace weq::test
