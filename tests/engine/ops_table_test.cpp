// Operators between tables and floats: Lookup, Dequantize, Quantize, LocalResponse, ResizeLinear.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/op_case.h"

namespace weq::test {
namespace {

constexpr int kCases = 40;

Shape random_image(Random& random) {
  return {random.in(1, 2), random.in(1, 9), random.in(1, 9),
          random.of<int64_t>({1, 3, 16, 17, 64, 100})};
}

TEST(OpsTable, LookupReplacesBytes) {
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Shape shape = seed % 4 ? random_image(random) : Shape{1, random.in(16000, 40000)};
    const kernels::LevelMap in = random_level_map(random), out = random_level_map(random);
    const std::vector<uint8_t> x = random_bytes(random, in, elements(shape));
    const bool per_channel = seed % 4 && random.chance(0.5);
    const int64_t channels = per_channel ? shape.back() : 1;
    const std::vector<uint8_t> table = random_bytes(random, out, 256 * channels);
    OpCase op;
    op.bytes_input(op.quantizer(in), shape, x);
    op.bytes_output(op.quantizer(out));
    format::LookupT lookup;
    lookup.table = table;
    lookup.per_channel = per_channel;
    op.set_op(std::move(lookup));
    const auto results = op.run();
    ASSERT_EQ(results.size(), 1u);
    std::vector<uint8_t> expected;
    for (size_t i = 0; i < x.size(); ++i)
      expected.push_back(table[i % static_cast<size_t>(channels) * 256 + x[i]]);
    EXPECT_EQ(results[0], expected);
  }
}

TEST(OpsTable, LookupOfEveryByteByEveryKernel) {
  std::vector<int32_t> levels(256);
  for (int k = 0; k < 256; ++k) levels[static_cast<size_t>(k)] = k;
  const kernels::LevelMap map = make_level_map(levels, true, 0);
  Random random(5);
  const std::vector<uint8_t> table = random_bytes(random, map, 256);
  std::vector<uint8_t> x(1000);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<uint8_t>(i * 7 % 256);
  OpCase op;
  const QuantizerInfo* q = op.quantizer(map);
  op.bytes_input(q, {1000}, x);
  op.bytes_output(q);
  format::LookupT lookup;
  lookup.table = table;
  op.set_op(std::move(lookup));
  std::vector<std::string> names;
  const auto results = op.run(&names);
  for (size_t i = 0; i < x.size(); ++i) EXPECT_EQ(results[0][i], table[x[i]]) << i;
  EXPECT_EQ(names.front(), "table_reference");
  if (kernels::isa_available(kernels::Isa::kAvx512Vbmi)) {
    EXPECT_EQ(names.back(), "table_avx512vbmi");
  }
}

TEST(OpsTable, LookupThatWritesAByteWithoutCodeIsRefused) {
  OpCase op;
  op.bytes_input(op.quantizer(make_level_map({0, 3}, true, 0)), {2}, {0, 3});
  op.bytes_output(op.quantizer(make_level_map({0, 5}, true, 0)));
  format::LookupT lookup;
  lookup.table.assign(256, 5);
  lookup.table[1] = 77;  // no code of the input reads this entry
  op.set_op(lookup);
  EXPECT_EQ(op.fault(), "");
  lookup.table[3] = 4;
  op.set_op(lookup);
  EXPECT_EQ(op.fault(), "table: byte 4 has no code");
  lookup.table.resize(255);
  op.set_op(lookup);
  EXPECT_EQ(op.fault(), "table: 255 entries; 1 x 256 are needed");
}

TEST(OpsTable, DequantizeIsUnitTimesLevel) {
  Random random(1);
  const kernels::LevelMap map = random_level_map(random);
  const std::vector<uint8_t> x = random_bytes(random, map, 5000);
  OpCase op;
  op.bytes_input(op.quantizer(map, 0.3f), {5, 1000}, x);
  op.float_output();
  op.set_op(format::DequantizeT());
  const auto results = op.run();
  ASSERT_EQ(results.size(), 1u);
  const std::vector<float> values = bytes_as<float>(results[0]);
  for (size_t i = 0; i < x.size(); ++i)
    EXPECT_EQ(values[i], 0.3f * static_cast<float>(map.level[x[i]]));

  OpCase units;
  const std::vector<int32_t> v = {0, -5, 123456789, INT32_MIN, INT32_MAX};
  units.units_input(0.7f, {5}, v);
  units.float_output();
  units.set_op(format::DequantizeT());
  const std::vector<float> of_units = bytes_as<float>(units.run().at(0));
  for (size_t i = 0; i < v.size(); ++i) EXPECT_EQ(of_units[i], 0.7f * static_cast<float>(v[i]));
}

TEST(OpsTable, QuantizeCountsBoundaries) {
  Random random(2);
  for (int i = 0; i < 20; ++i) {
    const kernels::LevelMap map = random_level_map(random);
    std::vector<float> boundaries;
    for (int k = 1; k < map.codes; ++k)
      boundaries.push_back(static_cast<float>(random.in(-1000, 1000)) / 64);
    std::sort(boundaries.begin(), boundaries.end());
    std::vector<float> x = boundaries;
    for (int k = 0; k < 5000; ++k) x.push_back(static_cast<float>(random.in(-2000, 2000)) / 100);
    x.insert(x.end(), {INFINITY, -INFINITY, NAN, -0.0f});
    OpCase op;
    op.float_input({static_cast<int64_t>(x.size())}, x);
    op.bytes_output(op.quantizer(map));
    format::QuantizeT quantize;
    quantize.boundaries = boundaries;
    op.set_op(std::move(quantize));
    const auto results = op.run();
    ASSERT_EQ(results.size(), 1u);
    for (size_t k = 0; k < x.size(); ++k) {
      int code = 0;
      for (float boundary : boundaries) code += boundary <= x[k];
      EXPECT_EQ(results[0][k], map.byte_of_code[code]) << x[k];
    }
  }
}

TEST(OpsTable, LocalResponseFollowsItsTable) {
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed + 100);
    const Shape shape = random_image(random);
    const kernels::LevelMap map = random_level_map(random);
    const std::vector<uint8_t> x = random_bytes(random, map, elements(shape));
    OpCase op;
    op.bytes_input(op.quantizer(map), shape, x);
    format::LocalResponseT lrn;
    lrn.size = static_cast<uint8_t>(random.in(1, 7));
    lrn.base = random.int32(900, 1060);
    for (int k = 0; k < 128; ++k) lrn.factors.push_back(static_cast<uint16_t>(random.in(0, 32767)));
    lrn.pre_shift = static_cast<uint8_t>(random.in(0, 12));
    lrn.multiplier = random.int32(-40, 40);
    lrn.addend = random.int32(-1000, 1000);
    lrn.unit = 1;
    const Ends ends(random, &op, 1, 1 << 20);
    lrn.outputs = ends.lists();
    const format::LocalResponseT copy = lrn;
    op.set_op(std::move(lrn));
    std::vector<int64_t> v;
    const int64_t channels = shape.back();
    for (int64_t p = 0; p < elements(shape) / channels; ++p) {
      for (int64_t c = 0; c < channels; ++c) {
        const auto level = [&](int64_t at) {
          return int64_t{map.level[x[static_cast<size_t>(p * channels + at)]]};
        };
        int64_t sum = 0;
        for (int64_t at = c - (copy.size - 1) / 2; at <= c + copy.size / 2; ++at)
          if (at >= 0 && at < channels) sum += level(at) * level(at);
        // The grid cell by arithmetic: exponent and three bits of mantissa.
        int cell = 0;
        if (sum > 0) {
          int exponent = 0;
          const double mantissa =
              std::frexp(static_cast<double>(static_cast<float>(sum)), &exponent);
          cell = (exponent - 1 + 127) * 8 + static_cast<int>(mantissa * 16) - 8;
        }
        const int64_t f = copy.factors[static_cast<size_t>(std::clamp(cell - copy.base, 0, 127))];
        const int64_t round = copy.pre_shift ? int64_t{1} << (copy.pre_shift - 1) : 0;
        v.push_back(((level(c) * f + round) >> copy.pre_shift) * copy.multiplier + copy.addend);
      }
    }
    ends.expect(v, op.run());
  }
}

// Weights of an output position by ONNX's formulas in exact arithmetic, rounded to 256ths.
struct Tap {
  int64_t first, second, weight;
};
Tap tap(int64_t in, int64_t out, format::Coordinates mode, int64_t i) {
  const double scale = static_cast<double>(out) / static_cast<double>(in);
  double x = (static_cast<double>(i) + 0.5) / scale - 0.5;
  if (mode == format::Coordinates::Asymmetric) x = static_cast<double>(i) / scale;
  if (mode == format::Coordinates::AlignCorners)
    x = out == 1 ? 0 : static_cast<double>(i * (in - 1)) / static_cast<double>(out - 1);
  if (mode == format::Coordinates::HalfPixelOne && out == 1) x = 0;
  x = std::clamp(x, 0.0, static_cast<double>(in - 1));
  const auto first = static_cast<int64_t>(x);
  const auto weight =
      static_cast<int64_t>(std::floor((x - static_cast<double>(first)) * 256 + 0.5));
  return {first, std::min(first + 1, in - 1), weight};
}

TEST(OpsTable, LinearResizeWeighsFourLevels) {
  using C = format::Coordinates;
  for (uint64_t seed = 1; seed <= 2 * kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed + 200);
    const Shape in = random_image(random);
    // Ratios that single precision holds exactly, so that no weight lies on a rounding edge.
    const int64_t fh = random.of<int64_t>({1, 2, 4}), fw = random.of<int64_t>({1, 2, 4});
    const C mode = random.of<C>({C::HalfPixel, C::Asymmetric, C::HalfPixelOne});
    const bool by_sizes = random.chance(0.5);
    const Shape out = {in[0], in[1] * fh, in[2] * fw, in[3]};
    const kernels::LevelMap map = random_level_map(random);
    const std::vector<uint8_t> x = random_bytes(random, map, elements(in));
    OpCase op;
    op.bytes_input(op.quantizer(map), in, x);
    format::ResizeLinearT resize;
    if (by_sizes) {
      resize.sizes = {static_cast<int32_t>(out[1]), static_cast<int32_t>(out[2])};
    } else {
      resize.scales = {static_cast<float>(fh), static_cast<float>(fw)};
    }
    resize.coordinates = mode;
    resize.pre_shift = static_cast<uint8_t>(random.in(8, 16));
    resize.multiplier = random.int32(-7, 7);
    resize.addend = random.int32(-1000, 1000);
    resize.unit = 1;
    const int shift = resize.pre_shift, multiplier = resize.multiplier, addend = resize.addend;
    const Ends ends(random, &op, 1, 1 << 16);
    resize.outputs = ends.lists();
    op.set_op(std::move(resize));
    std::vector<int64_t> v;
    for (int64_t n = 0; n < out[0]; ++n)
      for (int64_t y = 0; y < out[1]; ++y)
        for (int64_t z = 0; z < out[2]; ++z)
          for (int64_t c = 0; c < out[3]; ++c) {
            const Tap a = tap(in[1], out[1], mode, y), b = tap(in[2], out[2], mode, z);
            const auto level = [&](int64_t h, int64_t w) {
              return int64_t{
                  map.level[x[static_cast<size_t>(((n * in[1] + h) * in[2] + w) * in[3] + c)]]};
            };
            const int64_t acc = (256 - a.weight) * (256 - b.weight) * level(a.first, b.first) +
                                (256 - a.weight) * b.weight * level(a.first, b.second) +
                                a.weight * (256 - b.weight) * level(a.second, b.first) +
                                a.weight * b.weight * level(a.second, b.second);
            v.push_back(((acc + (int64_t{1} << (shift - 1))) >> shift) * multiplier + addend);
          }
    const auto results = op.run();
    ASSERT_EQ(op.output_shape(), out);
    ends.expect(v, results);
  }
}

TEST(OpsTable, LinearResizeByAlignedCornersHitsThem) {
  OpCase op;
  std::vector<int32_t> levels(256);
  for (int k = 0; k < 256; ++k) levels[static_cast<size_t>(k)] = k;
  op.bytes_input(op.quantizer(make_level_map(levels, true, 0)), {1, 3, 1}, {0, 100, 255});
  op.units_output(1);
  format::ResizeLinearT resize;
  resize.sizes = {1, 5};
  resize.coordinates = format::Coordinates::AlignCorners;
  resize.pre_shift = 8;
  resize.multiplier = 1;
  resize.unit = 1;
  resize.outputs.push_back(std::make_unique<format::RequantizedT>());
  op.set_op(std::move(resize));
  // Units of 1/256 level.
  EXPECT_EQ(bytes_as<int32_t>(op.run().at(0)),
            (std::vector<int32_t>{0, 50 * 256, 100 * 256, 355 * 128, 255 * 256}));
}

TEST(OpsTable, BadResizesAreRefused) {
  const auto fault = [](std::vector<float> scales, std::vector<int32_t> sizes, Shape shape) {
    OpCase op;
    const QuantizerInfo* q = op.quantizer(make_level_map({0, 1}, true, 0));
    op.bytes_input(q, shape, std::vector<uint8_t>(static_cast<size_t>(elements(shape))));
    op.bytes_output(q);
    format::ResizeNearestT table;
    table.scales = scales;
    table.sizes = sizes;
    op.set_op(std::move(table));
    return op.fault();
  };
  EXPECT_EQ(fault({}, {}, {1, 2, 2, 1}), "scales: one of scales and sizes must be given");
  EXPECT_EQ(fault({2, 2}, {4, 4}, {1, 2, 2, 1}), "scales: one of scales and sizes must be given");
  EXPECT_EQ(fault({2}, {}, {1, 2, 2, 1}), "scales: not two numbers");
  EXPECT_EQ(fault({2, NAN}, {}, {1, 2, 2, 1}), "scales: not in (0, 65536]");
  EXPECT_EQ(fault({2, 65536}, {}, {1, 2, 300, 1}), "outputs: axis 2 would exceed 2^24 positions");
  EXPECT_EQ(fault({2, 0.25f}, {}, {1, 2, 2, 1}), "outputs: axis 2 would be empty");
  EXPECT_EQ(fault({}, {0, 1}, {1, 2, 2, 1}), "sizes: below 1");
  EXPECT_EQ(fault({2, 2}, {}, {1, 2, 1}), "scales: the input has no height");
  EXPECT_EQ(fault({2, 2}, {}, {2, 1}), "inputs: the input has less than three axes");
}

}  // namespace
}  // namespace weq::test
