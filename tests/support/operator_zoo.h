// A network with every operator of the schema but the float plug-in, for tests of what is around
// operators: arenas, batches, threads, seeds of the fuzzer. Its numbers mean nothing.
#pragma once

#include "tests/support/model_builder.h"
#include "tests/support/random.h"

namespace weq::test {

class OperatorZoo {
 public:
  static constexpr size_t kInputs = 6 * 8 * 4;  // elements of one image; codes below 16

  explicit OperatorZoo(uint64_t seed) : random_(seed) {
    q_ = builder.add_linear(16, 0.5f);
    x_ = tensor("x", {1, 6, 8, 4});
    builder.add_input("x", x_);
    const int pooled = first_half();
    const int gate = average_gate();
    second_half(join(pooled, gate), gate);
  }

  ModelBuilder builder;

 private:
  using Shape = std::vector<int32_t>;

  int tensor(const std::string& name, Shape shape) {
    return builder.add_tensor(name, std::move(shape), q_);
  }
  template <class Table>
  int node(const std::string& name, std::vector<int> inputs, Shape shape, Table table) {
    const int out = tensor(name, std::move(shape));
    builder.add_node(name, std::move(inputs), {out}, std::move(table));
    return out;
  }
  // `lists` outputs with the 15 thresholds of q_, between 1 and `top`.
  std::vector<std::unique_ptr<format::RequantizedT>> outputs(int lists, int32_t top) {
    std::vector<std::unique_ptr<format::RequantizedT>> result;
    for (int i = 0; i < lists; ++i) {
      result.push_back(std::make_unique<format::RequantizedT>());
      for (int32_t k = 1; k < 16; ++k)
        result.back()->thresholds.push_back(k * top / 16 + random_.int32(0, 3));
    }
    return result;
  }
  format::LookupT lookup(int channels) {
    format::LookupT table;
    table.per_channel = channels > 1;
    for (int i = 0; i < 256 * channels; ++i)
      table.table.push_back(static_cast<uint8_t>(random_.in(0, 15)));
    return table;
  }
  format::AddT add() {
    format::AddT table;
    table.factor_a = 40;
    table.factor_b = 30;
    table.addend = -7;
    table.unit = 1;
    table.outputs = outputs(1, 1000);
    return table;
  }
  format::AveragePoolT average(int lists) {
    format::AveragePoolT table;
    table.scaled_multiplier = 64 << 16;
    table.scale_bits = 16;
    table.unit = 1;
    table.outputs = outputs(lists, 900);
    return table;
  }

  int first_half() {
    const int a = node("lookup_channels", {x_}, {1, 6, 8, 4}, lookup(4));
    const int b = node("lookup", {a}, {1, 6, 8, 4}, lookup(1));
    format::MaxPoolT pool;
    pool.kernel = {2, 2};
    pool.stride = {1, 1};
    pool.pads = {0, 0, 0, 0};
    pool.dilation = {1, 1};
    const int c = node("max_pool", {b}, {1, 5, 7, 4}, std::move(pool));
    format::PadT pad;
    pad.before = {0, 0, 1, 0};
    pad.after = {0, 1, 0, 0};
    pad.mode = format::PadMode::Edge;
    return node("pad", {c}, {1, 6, 8, 4}, std::move(pad));
  }
  int average_gate() {
    format::AveragePoolT global = average(1);
    global.global = true;
    return node("gate", {x_}, {1, 1, 1, 4}, std::move(global));
  }
  int join(int pooled, int gate) {
    const int a = node("add", {pooled, x_}, {1, 6, 8, 4}, add());
    format::MultiplyT multiply;
    multiply.pre_shift = 1;
    multiply.multiplier = 9;
    multiply.unit = 1;
    multiply.outputs = outputs(1, 900);
    const int b = node("multiply", {a, gate}, {1, 6, 8, 4}, std::move(multiply));
    const int c = node("extremum", {b, x_}, {1, 6, 8, 4}, format::ExtremumT());
    format::ConcatT concat;
    concat.axis = 3;
    return node("concat", {c, x_}, {1, 6, 8, 8}, std::move(concat));
  }
  void second_half(int joined, int gate) {
    format::SliceT slice;
    slice.starts = {0, 0, 0, -1};
    slice.ends = {INT32_MAX, INT32_MAX, INT32_MAX, INT32_MIN};
    slice.steps = {1, 1, 1, -1};
    const int a = node("slice", {joined}, {1, 6, 8, 8}, std::move(slice));
    format::TransposeT transpose;
    transpose.axes = {0, 2, 1, 3};
    const int b = node("transpose", {a}, {1, 8, 6, 8}, std::move(transpose));
    format::ReshapeT flat, back;
    flat.shape = {0, -1, 8};
    back.shape = {0, 8, 6, 8};
    const int c = node("flat", {b}, {1, 48, 8}, std::move(flat));
    const int d = node("back", {c}, {1, 8, 6, 8}, std::move(back));
    format::DilateT dilate;
    dilate.factors = {1, 2, 2, 1};
    const int e = node("dilate", {d}, {1, 15, 11, 8}, std::move(dilate));
    format::GatherT gather;
    gather.axis = 3;
    gather.indices = {0, 3, 3, 7};
    gather.rank = 1;
    const int f = node("gather", {e}, {1, 15, 11, 4}, std::move(gather));
    format::ResizeNearestT nearest;
    nearest.scales = {2, 2};
    nearest.coordinates = format::Coordinates::Asymmetric;
    nearest.nearest = format::Nearest::Floor;
    const int g = node("nearest", {f}, {1, 30, 22, 4}, std::move(nearest));
    tail(stored_twice(g), gate);
  }
  int stored_twice(int in) {
    format::AveragePoolT pool = average(2);
    pool.kernel = {3, 3};
    pool.stride = {2, 2};
    pool.pads = {1, 0, 0, 0};
    const int a = tensor("twice_a", {1, 15, 10, 4}), b = tensor("twice_b", {1, 15, 10, 4});
    builder.add_node("average", {in}, {a, b}, std::move(pool));
    return node("again", {a, b}, {1, 15, 10, 4}, add());
  }
  void tail(int in, int gate) {
    format::ResizeLinearT linear;
    linear.sizes = {7, 5};
    linear.pre_shift = 10;
    linear.multiplier = 1;
    linear.unit = 1;
    linear.outputs = outputs(1, 900);
    const int a = node("linear", {in}, {1, 7, 5, 4}, std::move(linear));
    format::LocalResponseT lrn;
    lrn.size = 3;
    lrn.base = 1008;  // cells from 0.5 up
    for (int i = 0; i < 128; ++i) lrn.factors.push_back(static_cast<uint16_t>(2000 - 10 * i));
    lrn.pre_shift = 5;
    lrn.multiplier = 1;
    lrn.unit = 1;
    lrn.outputs = outputs(1, 900);
    const int b = node("lrn", {a}, {1, 7, 5, 4}, std::move(lrn));
    format::ExpandT expand;
    expand.shape = {1, 7, 5, 4};
    const int c = node("expand", {gate}, {1, 7, 5, 4}, std::move(expand));
    const int d = node("last_add", {b, c}, {1, 7, 5, 4}, add());
    ConvSpec conv;
    conv.name = "conv";
    conv.input = d;
    conv.in_c = 4;
    conv.out_c = 3;
    for (int i = 0; i < 12; ++i) conv.codes.push_back(static_cast<int>(random_.in(0, 3)));
    conv.multiplier = {11, 13, -9};
    conv.addend = {5, -40, 300};
    conv.unit = 1.0f / 64;
    conv.outputs = {builder.add_units("units", {1, 7, 5, 3}, 1.0f / 64)};
    conv.thresholds = {{}};
    builder.add_conv(conv);
    format::SoftmaxT softmax;
    softmax.axis = 3;
    const int p = builder.add_float("p", {1, 7, 5, 3});
    builder.add_node("softmax", conv.outputs, {p}, std::move(softmax));
    format::QuantizeT quantize;
    for (int k = 1; k < 16; ++k) quantize.boundaries.push_back(static_cast<float>(k) / 16);
    const int codes = node("quantize", {p}, {1, 7, 5, 3}, std::move(quantize));
    const int values = builder.add_float("values", {1, 7, 5, 3});
    builder.add_node("dequantize", {codes}, {values}, format::DequantizeT());
    builder.add_output("units", conv.outputs[0]);
    builder.add_output("p", p);
    builder.add_output("codes", codes);
    builder.add_output("values", values);
  }

  Random random_;
  int q_ = 0, x_ = 0;
};

}  // namespace weq::test
