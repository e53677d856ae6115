// Add, Multiply, Extremum against plain loops over broadcast positions.
#include <gtest/gtest.h>

#include "tests/support/op_case.h"

namespace weq::test {
namespace {

constexpr int kCases = 60;

// Two shapes that go together: axes of a common shape, some of them 1 on one side or left out.
void random_pair(Random& random, Shape* a, Shape* b, Shape* out) {
  const int kind = random.int32(0, 5);
  if (kind == 0) {  // equal, long enough for several tiles
    *out = *a = *b = {random.in(1, 3), random.in(1, 40), random.in(1, 150)};
    return;
  }
  if (kind == 1) {  // a gate per channel
    const int64_t n = random.in(1, 3), c = random.of<int64_t>({1, 3, 16, 17, 63, 130});
    *out = *a = {n, random.in(1, 12), random.in(1, 12), c};
    *b = {n, 1, 1, c};
    if (random.chance(0.5)) std::swap(*a, *b);
    return;
  }
  const int rank = random.int32(1, 6);
  a->clear();
  b->clear();
  out->clear();
  for (int i = 0; i < rank; ++i) {
    const int64_t d = random.of<int64_t>({1, 2, 3, 5, 7});
    out->push_back(d);
    a->push_back(random.chance(0.3) ? 1 : d);
    b->push_back(a->back() == d && random.chance(0.3) ? 1 : d);
  }
  if (random.chance(0.3)) {
    size_t dropped = 0;
    while (dropped + 1 < b->size() && (*b)[dropped] == 1) ++dropped;
    b->erase(b->begin(), b->begin() + static_cast<ptrdiff_t>(dropped));
  }
}

// Index into a tensor of `shape` for position `at` of the output.
size_t source(const Shape& shape, const Shape& out, int64_t at) {
  int64_t index = 0, step = 1;
  for (size_t i = 0; i < out.size(); ++i) {
    const size_t axis = out.size() - 1 - i;
    const int64_t position = at % out[axis];
    at /= out[axis];
    if (i >= shape.size()) continue;
    const int64_t size = shape[shape.size() - 1 - i];
    if (size != 1) index += position * step;
    step *= size;
  }
  return static_cast<size_t>(index);
}

struct Operands {
  explicit Operands(Random& random) {
    random_pair(random, &a_shape, &b_shape, &out);
    a_map = random_level_map(random);
    b_map = random_level_map(random);
    a = random_bytes(random, a_map, elements(a_shape));
    b = random_bytes(random, b_map, elements(b_shape));
  }
  void add_to(OpCase* op) const {
    op->bytes_input(op->quantizer(a_map), a_shape, a);
    op->bytes_input(op->quantizer(b_map), b_shape, b);
  }
  template <class F>
  std::vector<int64_t> each(F f) const {
    std::vector<int64_t> v;
    for (int64_t i = 0; i < elements(out); ++i)
      v.push_back(f(int64_t{a_map.level[a[source(a_shape, out, i)]]},
                    int64_t{b_map.level[b[source(b_shape, out, i)]]}));
    return v;
  }
  int64_t largest(const kernels::LevelMap& map) const {
    return std::max(std::abs(map.min_level), std::abs(map.max_level));
  }
  Shape a_shape, b_shape, out;
  kernels::LevelMap a_map, b_map;
  std::vector<uint8_t> a, b;
};

TEST(OpsArithmetic, AddIsTheWeightedSumThroughThresholds) {
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Operands x(random);
    OpCase op;
    x.add_to(&op);
    format::AddT add;
    add.unit = 0.5f;
    const int64_t room = (int64_t{1} << 30) - 2;
    const int64_t a_room = room / std::max<int64_t>(1, x.largest(x.a_map));
    const int64_t b_room = room / 2 / std::max<int64_t>(1, x.largest(x.b_map));
    const bool small = random.chance(0.5);
    add.factor_a = random.int32(small ? -99 : -a_room, small ? 99 : a_room);
    add.factor_b = random.int32(small ? -99 : -b_room, small ? 99 : b_room);
    add.addend = random.int32(small ? -500 : -(room / 2), small ? 500 : room / 2);
    const std::vector<int64_t> v = x.each(
        [&](int64_t a, int64_t b) { return add.factor_a * a + add.factor_b * b + add.addend; });
    const Ends ends(random, &op, add.unit, small ? 10000 : room);
    add.outputs = ends.lists();
    op.set_op(std::move(add));
    const auto results = op.run();
    EXPECT_EQ(op.output_shape(), x.out);
    ends.expect(v, results);
  }
}

TEST(OpsArithmetic, MultiplyIsTheRoundedProductThroughThresholds) {
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed + 1000);
    const Operands x(random);
    OpCase op;
    x.add_to(&op);
    format::MultiplyT multiply;
    multiply.unit = 0.25f;
    const int shift = random.int32(0, 6);
    const int64_t round = shift > 0 ? int64_t{1} << (shift - 1) : 0;
    const int64_t product = (x.largest(x.a_map) * x.largest(x.b_map) + round) >> shift;
    const int64_t room = ((int64_t{1} << 31) - 1000) / std::max<int64_t>(1, product);
    multiply.pre_shift = static_cast<uint8_t>(shift);
    multiply.multiplier = random.int32(-room, std::min<int64_t>(room, INT32_MAX - 1));
    multiply.addend = random.int32(-900, 900);
    const std::vector<int64_t> v = x.each([&](int64_t a, int64_t b) {
      return ((a * b + round) >> shift) * multiply.multiplier + multiply.addend;
    });
    const Ends ends(random, &op, multiply.unit, random.chance(0.5) ? 1 << 20 : INT32_MAX);
    multiply.outputs = ends.lists();
    op.set_op(std::move(multiply));
    const auto results = op.run();
    EXPECT_EQ(op.output_shape(), x.out);
    ends.expect(v, results);
  }
}

TEST(OpsArithmetic, ExtremumOrdersBytes) {
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed + 2000);
    Operands x(random);
    OpCase op;
    const QuantizerInfo* q = op.quantizer(x.a_map);
    x.b = random_bytes(random, x.a_map, elements(x.b_shape));
    x.b_map = x.a_map;
    op.bytes_input(q, x.a_shape, x.a);
    op.bytes_input(q, x.b_shape, x.b);
    op.bytes_output(q);
    format::ExtremumT extremum;
    extremum.minimum = random.chance(0.5);
    const bool minimum = extremum.minimum;
    op.set_op(std::move(extremum));
    const auto results = op.run();
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(op.output_shape(), x.out);
    const std::vector<int64_t> levels =
        x.each([&](int64_t a, int64_t b) { return minimum ? std::min(a, b) : std::max(a, b); });
    std::vector<int64_t> got;
    for (uint8_t byte : results[0]) got.push_back(x.a_map.level[byte]);
    EXPECT_EQ(got, levels);
  }
}

TEST(OpsArithmetic, EveryIsaUsesItsKernel) {
  Random random(1);
  OpCase op;
  const kernels::LevelMap map = make_level_map({0, 1, 2, 3}, true, 0);
  const QuantizerInfo* q = op.quantizer(map);
  op.bytes_input(q, {1, 8}, random_bytes(random, map, 8));
  op.bytes_input(q, {1, 8}, random_bytes(random, map, 8));
  op.bytes_output(q);
  op.set_op(format::ExtremumT());
  std::vector<std::string> names;
  op.run(&names);
  EXPECT_EQ(names.front(), "elementwise_reference");
  if (kernels::isa_available(kernels::Isa::kAvx512Vnni)) {
    EXPECT_EQ(names.back(), "elementwise_avx512vnni");
  }
}

TEST(OpsArithmetic, WhatMayOverflowOrDoesNotFitIsRefused) {
  const kernels::LevelMap map = make_level_map({0, 1, 255}, true, 0);
  const auto fault = [&](int32_t factor_a, int32_t addend, Shape b, int thresholds, float unit) {
    OpCase op;
    const QuantizerInfo* q = op.quantizer(map);
    op.bytes_input(q, {2, 3}, std::vector<uint8_t>(6));
    op.bytes_input(q, b, std::vector<uint8_t>(static_cast<size_t>(elements(b))));
    op.bytes_output(q);
    format::AddT add;
    add.factor_a = factor_a;
    add.addend = addend;
    add.unit = unit;
    add.outputs.push_back(std::make_unique<format::RequantizedT>());
    for (int k = 0; k < thresholds; ++k) add.outputs[0]->thresholds.push_back(k);
    op.set_op(std::move(add));
    return op.fault();
  };
  EXPECT_EQ(fault(8421504, 0, {2, 3}, 2, 1), "");
  EXPECT_EQ(fault(8421504, 128, {2, 3}, 2, 1), "factor_a: v may leave 32 bits");
  EXPECT_EQ(fault(INT32_MIN, 0, {2, 3}, 2, 1), "factor_a: v may leave 32 bits");
  EXPECT_EQ(fault(1, 0, {2, 2}, 2, 1), "inputs: the two shapes cannot be broadcast to one");
  EXPECT_EQ(fault(1, 0, {2, 3}, 3, 1),
            "thresholds: their number is not that of the output's codes less one");
  EXPECT_EQ(fault(1, 0, {2, 3}, 2, 0), "unit: not positive and finite");
}

}  // namespace
}  // namespace weq::test
