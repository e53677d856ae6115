// The operators that move elements, against index arithmetic written out per output element. Stored
// bytes, units and floats.
#include <gtest/gtest.h>

#include <functional>

#include "tests/support/op_case.h"

namespace weq::test {
namespace {

constexpr int kCases = 40;

// A tensor of random elements of one or four bytes, and what an operator should make of it.
struct Moved {
  Random random;
  OpCase op;
  Shape in;
  kernels::LevelMap map;
  bool units = false;
  std::vector<int32_t> values;  // stored bytes, or units

  explicit Moved(uint64_t seed, const Shape& shape = {}) : random(seed), in(shape) {
    if (in.empty()) in = random_shape(1, 6);
    map = random_level_map(random);
    units = random.chance(0.4);
    add_input(in);
    if (units) {
      op.units_output(0.5f);
    } else {
      op.bytes_output(quantizer_);
    }
  }

  Shape random_shape(int low, int high) {
    Shape shape(static_cast<size_t>(random.in(low, high)));
    for (int64_t& d : shape) d = random.of<int64_t>({1, 2, 3, 4, 5, 9});
    if (shape.size() <= 2 && random.chance(0.3)) shape.back() = random.in(200, 500);
    return shape;
  }

  std::vector<int32_t> add_input(const Shape& shape) {
    std::vector<int32_t> added;
    if (units) {
      for (int64_t i = 0; i < elements(shape); ++i) added.push_back(random.int32(-100000, 100000));
      op.units_input(0.5f, shape, added);
    } else {
      if (quantizer_ == nullptr) quantizer_ = op.quantizer(map);
      const std::vector<uint8_t> bytes = random_bytes(random, map, elements(shape));
      op.bytes_input(quantizer_, shape, bytes);
      added.assign(bytes.begin(), bytes.end());
    }
    if (values.empty()) values = added;
    return added;
  }

  uint8_t fill_byte() { return units ? uint8_t{0} : map.byte_of_code[random.in(0, map.codes - 1)]; }

  // Runs; every output element must be the input element at source(position), or `fill` where that
  // gives an axis of -1.
  void expect(const Shape& out, int32_t fill, const std::function<Shape(const Shape&)>& source) {
    const auto results = op.run();
    ASSERT_EQ(results.size(), 1u);
    ASSERT_EQ(op.output_shape(), out);
    std::vector<int32_t> expected;
    for (int64_t i = 0; i < elements(out); ++i) {
      Shape at(out.size());
      int64_t rest = i;
      for (size_t axis = out.size(); axis-- > 0; rest /= out[axis]) at[axis] = rest % out[axis];
      const Shape from = source(at);
      int64_t index = 0;
      bool nowhere = false;
      for (size_t axis = 0; axis < in.size(); ++axis) {
        if (from[axis] < 0) nowhere = true;
        index = index * in[axis] + from[axis];
      }
      expected.push_back(nowhere ? fill : values[static_cast<size_t>(index)]);
    }
    EXPECT_EQ(numbers(results[0]), expected);
  }

  std::vector<int32_t> numbers(const std::vector<uint8_t>& bytes) const {
    if (units) return bytes_as<int32_t>(bytes);
    return {bytes.begin(), bytes.end()};
  }

 private:
  const QuantizerInfo* quantizer_ = nullptr;
};

TEST(OpsMove, SliceTakesEveryStepthElementEitherWay) {
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Moved m(seed);
    format::SliceT slice;
    std::vector<std::vector<int64_t>> taken;
    Shape out;
    for (int64_t d : m.in) {
      // Positions first, then numbers that say so in one of the ways ONNX allows.
      const int64_t step = m.random.of<int64_t>({1, 1, 2, 3, -1, -2});
      const int64_t first = m.random.in(0, d - 1), count = m.random.in(1, d);
      taken.emplace_back();
      for (int64_t i = 0; i < count; ++i) {
        const int64_t position = first + i * step;
        if (position >= 0 && position < d) taken.back().push_back(position);
      }
      out.push_back(static_cast<int64_t>(taken.back().size()));
      const int64_t end = taken.back().back() + (step > 0 ? 1 : -1);
      slice.starts.push_back(static_cast<int32_t>(m.random.chance(0.3) ? first - d : first));
      int64_t written = end;
      if (end < 0) written = m.random.chance(0.5) ? -d - 1 : INT32_MIN;
      if (end == d && m.random.chance(0.5)) written = INT32_MAX;
      slice.ends.push_back(static_cast<int32_t>(written));
      slice.steps.push_back(static_cast<int32_t>(step));
    }
    m.op.set_op(std::move(slice));
    m.expect(out, 0, [&](const Shape& at) {
      Shape from;
      for (size_t i = 0; i < at.size(); ++i) from.push_back(taken[i][static_cast<size_t>(at[i])]);
      return from;
    });
  }
}

TEST(OpsMove, PadConstantMirrorsOrRepeats) {
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Moved m(seed + 100);
    format::PadT pad;
    pad.mode = m.random.of<format::PadMode>(
        {format::PadMode::Constant, format::PadMode::Reflect, format::PadMode::Edge});
    pad.byte = m.fill_byte();
    const format::PadMode mode = pad.mode;
    const int32_t fill = pad.byte;
    Shape out;
    for (int64_t d : m.in) {
      const int64_t most = mode == format::PadMode::Reflect ? std::min<int64_t>(d - 1, 3) : 3;
      pad.before.push_back(m.random.int32(0, most));
      pad.after.push_back(m.random.int32(0, most));
      out.push_back(d + pad.before.back() + pad.after.back());
    }
    const std::vector<int32_t> before = pad.before;
    m.op.set_op(std::move(pad));
    m.expect(out, fill, [&](const Shape& at) {
      Shape from;
      for (size_t i = 0; i < at.size(); ++i) {
        int64_t p = at[i] - before[i];
        if (mode == format::PadMode::Edge) p = std::clamp<int64_t>(p, 0, m.in[i] - 1);
        if (mode == format::PadMode::Reflect && p < 0) p = -p;
        if (mode == format::PadMode::Reflect && p >= m.in[i]) p = m.in[i] - 2 - (p - m.in[i]);
        from.push_back(p < m.in[i] ? p : -1);
      }
      return from;
    });
  }
}

TEST(OpsMove, TransposePermutesAxes) {
  for (uint64_t seed = 1; seed <= 2 * kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    // Every third: matrices larger than a block.
    Random shapes(seed);
    Moved m(seed + 200,
            seed % 3 ? Shape{}
                     : Shape{shapes.in(1, 3), shapes.in(1, 9), shapes.in(1, 9), shapes.in(30, 80)});
    std::vector<uint8_t> axes;
    for (size_t i = 0; i < m.in.size(); ++i) axes.push_back(static_cast<uint8_t>(i));
    if (seed % 3 == 0 && m.random.chance(0.6)) {
      axes = m.random.chance(0.5) ? std::vector<uint8_t>{0, 3, 1, 2}
                                  : std::vector<uint8_t>{0, 2, 3, 1};
    } else {
      for (size_t i = axes.size(); i > 1; --i)
        std::swap(axes[i - 1], axes[static_cast<size_t>(m.random.in(0, int64_t(i) - 1))]);
    }
    Shape out;
    for (uint8_t axis : axes) out.push_back(m.in[axis]);
    format::TransposeT transpose;
    transpose.axes = axes;
    m.op.set_op(std::move(transpose));
    m.expect(out, 0, [&](const Shape& at) {
      Shape from(at.size());
      for (size_t i = 0; i < at.size(); ++i) from[axes[i]] = at[i];
      return from;
    });
  }
}

TEST(OpsMove, GatherTakesPositionsInTheListsOrder) {
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Moved m(seed + 300);
    const auto axis = static_cast<size_t>(m.random.in(0, int64_t(m.in.size()) - 1));
    format::GatherT gather;
    gather.axis = static_cast<uint8_t>(axis);
    gather.rank = m.random.chance(0.7) ? 1 : 0;
    const int64_t count = gather.rank ? m.random.in(1, 7) : 1;
    for (int64_t i = 0; i < count; ++i)
      gather.indices.push_back(m.random.int32(-m.in[axis], m.in[axis] - 1));
    const std::vector<int32_t> indices = gather.indices;
    const bool keeps = gather.rank == 1;
    Shape out = m.in;
    out[axis] = count;
    if (!keeps) out.erase(out.begin() + static_cast<ptrdiff_t>(axis));
    m.op.set_op(std::move(gather));
    m.expect(out, 0, [&](const Shape& at) {
      Shape from = at;
      if (!keeps) from.insert(from.begin() + static_cast<ptrdiff_t>(axis), 0);
      const int64_t index = indices[static_cast<size_t>(from[axis])];
      from[axis] = index < 0 ? index + m.in[axis] : index;
      return from;
    });
  }
}

TEST(OpsMove, ExpandRepeatsAxesOfOne) {
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Moved m(seed + 400);
    format::ExpandT expand;
    Shape out;
    const size_t added = static_cast<size_t>(m.random.in(0, 6 - int64_t(m.in.size())));
    for (size_t i = 0; i < added; ++i) {
      out.push_back(m.random.in(1, 3));
      expand.shape.push_back(static_cast<int32_t>(out.back()));
    }
    for (int64_t d : m.in) {
      out.push_back(d == 1 ? m.random.in(1, 4) : d);
      expand.shape.push_back(m.random.chance(0.3) && d != 1 ? 1 : int32_t(out.back()));
    }
    m.op.set_op(std::move(expand));
    m.expect(out, 0, [&](const Shape& at) {
      Shape from(at.begin() + static_cast<ptrdiff_t>(added), at.end());
      for (size_t i = 0; i < from.size(); ++i)
        if (m.in[i] == 1) from[i] = 0;
      return from;
    });
  }
}

TEST(OpsMove, DilatePutsFillBetweenNeighbours) {
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Moved m(seed + 500);
    if (m.units) continue;
    format::DilateT dilate;
    dilate.byte = m.fill_byte();
    const int32_t fill = dilate.byte;
    Shape out;
    for (int64_t d : m.in) {
      dilate.factors.push_back(static_cast<uint16_t>(m.random.in(1, 3)));
      out.push_back((d - 1) * dilate.factors.back() + 1);
    }
    const std::vector<uint16_t> factors = dilate.factors;
    m.op.set_op(std::move(dilate));
    m.expect(out, fill, [&](const Shape& at) {
      Shape from;
      for (size_t i = 0; i < at.size(); ++i)
        from.push_back(at[i] % factors[i] ? -1 : at[i] / factors[i]);
      return from;
    });
  }
}

TEST(OpsMove, ConcatPutsTensorsSideBySide) {
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Moved m(seed + 600);
    const auto axis = static_cast<size_t>(m.random.in(0, int64_t(m.in.size()) - 1));
    std::vector<std::vector<int32_t>> parts = {m.values};
    std::vector<int64_t> sizes = {m.in[axis]};
    const int64_t count = m.random.in(1, 4);
    for (int64_t i = 1; i < count; ++i) {
      Shape shape = m.in;
      shape[axis] = m.random.of<int64_t>({1, 2, 16, 17, 40});
      parts.push_back(m.add_input(shape));
      sizes.push_back(shape[axis]);
    }
    format::ConcatT concat;
    concat.axis = static_cast<uint8_t>(axis);
    m.op.set_op(std::move(concat));
    const auto results = m.op.run();
    ASSERT_EQ(results.size(), 1u);
    int64_t outer = 1, inner = 1;
    for (size_t i = 0; i < axis; ++i) outer *= m.in[i];
    for (size_t i = axis + 1; i < m.in.size(); ++i) inner *= m.in[i];
    std::vector<int32_t> expected;
    for (int64_t o = 0; o < outer; ++o)
      for (size_t p = 0; p < parts.size(); ++p)
        for (int64_t i = 0; i < sizes[p] * inner; ++i)
          expected.push_back(parts[p][static_cast<size_t>(o * sizes[p] * inner + i)]);
    EXPECT_EQ(m.numbers(results[0]), expected);
  }
}

TEST(OpsMove, ReshapeKeepsTheOrder) {
  const auto reshape = [](Shape in, std::vector<int32_t> shape, Shape out) {
    Moved m(42, in);
    format::ReshapeT table;
    table.shape = shape;
    m.op.set_op(std::move(table));
    const auto results = m.op.run();
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(m.op.output_shape(), out);
    EXPECT_EQ(m.numbers(results[0]), m.values);
  };
  reshape({2, 3, 4}, {0, -1}, {2, 12});
  reshape({2, 3, 4}, {4, 3, 2}, {4, 3, 2});
  reshape({2, 3, 4}, {-1}, {24});
  reshape({1}, {1, 1}, {1, 1});
  reshape({3, 50000}, {0, 100, -1}, {3, 100, 500});
}

TEST(OpsMove, NearestResizeFollowsOnnxOnKnownRows) {
  // Expected positions worked out by hand from the formulas of ONNX Resize.
  const auto positions = [](int64_t in, float scale, int32_t size, format::Coordinates coordinates,
                            format::Nearest nearest) {
    OpCase op;
    std::vector<int32_t> levels, row;
    for (int k = 0; k < in; ++k) levels.push_back(k);
    const QuantizerInfo* q = op.quantizer(make_level_map(levels, true, 0));
    std::vector<uint8_t> bytes;
    for (int64_t k = 0; k < in; ++k) bytes.push_back(static_cast<uint8_t>(k));
    op.bytes_input(q, {1, in, 1}, bytes);
    op.bytes_output(q);
    format::ResizeNearestT table;
    if (size > 0) {
      table.sizes = std::vector<int32_t>{1, size};
    } else {
      table.scales = std::vector<float>{1, scale};
    }
    table.coordinates = coordinates;
    table.nearest = nearest;
    op.set_op(std::move(table));
    const auto results = op.run();
    return results.empty() ? std::vector<int>()
                           : std::vector<int>(results[0].begin(), results[0].end());
  };
  using C = format::Coordinates;
  using N = format::Nearest;
  using Row = std::vector<int>;
  EXPECT_EQ(positions(3, 2, 0, C::Asymmetric, N::Floor), (Row{0, 0, 1, 1, 2, 2}));
  EXPECT_EQ(positions(3, 2, 0, C::HalfPixel, N::RoundPreferFloor), (Row{0, 0, 1, 1, 2, 2}));
  EXPECT_EQ(positions(3, 2, 0, C::Asymmetric, N::RoundPreferFloor), (Row{0, 0, 1, 1, 2, 2}));
  EXPECT_EQ(positions(3, 2, 0, C::Asymmetric, N::RoundPreferCeil), (Row{0, 1, 1, 2, 2, 2}));
  EXPECT_EQ(positions(3, 2, 0, C::Asymmetric, N::Ceil), (Row{0, 1, 1, 2, 2, 2}));
  EXPECT_EQ(positions(4, 0.5f, 0, C::HalfPixel, N::RoundPreferFloor), (Row{0, 2}));
  EXPECT_EQ(positions(4, 0.5f, 0, C::HalfPixel, N::RoundPreferCeil), (Row{1, 3}));
  EXPECT_EQ(positions(4, 0.5f, 0, C::Asymmetric, N::Floor), (Row{0, 2}));
  EXPECT_EQ(positions(4, 0, 7, C::AlignCorners, N::Floor), (Row{0, 0, 1, 1, 2, 2, 3}));
  EXPECT_EQ(positions(4, 0, 1, C::AlignCorners, N::Floor), (Row{0}));
  EXPECT_EQ(positions(5, 0, 1, C::HalfPixelOne, N::Floor), (Row{0}));
  EXPECT_EQ(positions(5, 0, 1, C::HalfPixel, N::Floor), (Row{2}));
  EXPECT_EQ(positions(5, 0.6f, 0, C::HalfPixel, N::RoundPreferFloor), (Row{0, 2, 4}));
  EXPECT_EQ(positions(5, 0, 8, C::HalfPixelOne, N::Ceil), (Row{0, 1, 2, 2, 3, 3, 4, 4}));
  // In single precision 8 / 1.6f is 5, although 1.6f lies above 1.6.
  EXPECT_EQ(positions(6, 1.6f, 0, C::Asymmetric, N::Floor), (Row{0, 0, 1, 1, 2, 3, 3, 4, 5}));
}

TEST(OpsMove, NearestResizeMovesPixelsWhole) {
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random shapes(seed);
    const int64_t fh = shapes.in(1, 3), fw = shapes.in(1, 3);
    Moved m(seed + 700, {shapes.in(1, 2), shapes.in(1, 5), shapes.in(1, 5),
                         shapes.of<int64_t>({1, 3, 16, 33})});
    format::ResizeNearestT table;
    table.scales = {static_cast<float>(fh), static_cast<float>(fw)};
    table.coordinates = format::Coordinates::Asymmetric;
    table.nearest = format::Nearest::Floor;
    m.op.set_op(std::move(table));
    m.expect({m.in[0], m.in[1] * fh, m.in[2] * fw, m.in[3]}, 0, [&](const Shape& at) {
      return Shape{at[0], at[1] / fh, at[2] / fw, at[3]};
    });
  }
}

TEST(OpsMove, RowsTooLongToMergeMoveTheSame) {
  Moved m(11, {2, 3, 300, 80});
  format::SliceT slice;
  slice.starts = {-1, 2, 299, 1};
  slice.ends = {INT32_MIN, INT32_MIN, INT32_MIN, 80};
  slice.steps = {-1, -1, -1, 1};
  m.op.set_op(std::move(slice));
  m.expect({2, 3, 300, 79}, 0, [&](const Shape& at) {
    return Shape{1 - at[0], 2 - at[1], 299 - at[2], 1 + at[3]};
  });
}

}  // namespace
}  // namespace weq::test
