// Concatenations without copies: which tensors lie inside others, that the arena shrinks, and that
// no bit changes.
#include "engine/runtime/places.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "engine/runtime/plan_nodes.h"
#include "kernels/isa.h"
#include "tests/support/model_builder.h"
#include "tests/support/random.h"

namespace weq::test {
namespace {

using Shape = std::vector<int32_t>;
constexpr int kHeight = 6, kWidth = 5, kChannels = 8;

// Layers with small random numbers on images of kHeight x kWidth; all tensors have one quantizer.
class ConcatNet {
 public:
  explicit ConcatNet(uint64_t seed) : random_(seed) { q_ = builder.add_linear(16, 0.5f); }

  int tensor(const std::string& name, int channels) {
    channels_[builder.add_tensor(name, {1, kHeight, kWidth, channels}, q_)] = channels;
    return static_cast<int>(builder.model.tensors.size()) - 1;
  }
  int input() {
    const int x = tensor("x", kChannels);
    builder.add_input("x", x);
    return x;
  }
  int conv(const std::string& name, int in, int channels, int kernel, bool twice = false) {
    ConvSpec s;
    s.name = name;
    s.input = in;
    s.in_c = channels_[in];
    s.out_c = channels;
    const auto k = static_cast<uint16_t>(kernel), pad = static_cast<uint16_t>(kernel / 2);
    s.kernel = {k, k};
    s.pads = {pad, pad, pad, pad};
    const int inputs = kernel * kernel * s.in_c;
    for (int i = 0; i < channels * inputs; ++i)
      s.codes.push_back(static_cast<int>(random_.in(0, 3)));
    for (int o = 0; o < channels; ++o) {
      s.multiplier.push_back(random_.int32(1, 20));
      s.addend.push_back(random_.int32(-100, 300));
    }
    s.outputs = {tensor(name, channels)};
    if (twice) s.outputs.push_back(tensor(name + "_again", channels));
    for (size_t i = 0; i < s.outputs.size(); ++i) s.thresholds.push_back(thresholds(4 * inputs));
    builder.add_conv(s);
    return s.outputs[0];
  }
  int max_pool(const std::string& name, int in) {
    format::MaxPoolT pool;
    pool.kernel = {3, 3};
    pool.pads = {1, 1, 1, 1};
    pool.stride = pool.dilation = {1, 1};
    return node(name, {in}, channels_[in], std::move(pool));
  }
  int average(const std::string& name, int in) {
    format::AveragePoolT pool;
    pool.kernel = {3, 3};
    pool.pads = {1, 1, 1, 1};
    pool.stride = {1, 1};
    pool.scaled_multiplier = 64 << 16;
    pool.scale_bits = 16;
    pool.unit = 1;
    pool.outputs = one_output(60);
    return node(name, {in}, channels_[in], std::move(pool));
  }
  int add(const std::string& name, int a, int b) {
    format::AddT table;
    table.factor_a = 40;
    table.factor_b = 30;
    table.unit = 1;
    table.outputs = one_output(60);
    return node(name, {a, b}, channels_[a], std::move(table));
  }
  int lookup(const std::string& name, int in) {
    format::LookupT table;
    for (int i = 0; i < 256; ++i) table.table.push_back(static_cast<uint8_t>((i * 7 + 3) % 16));
    return node(name, {in}, channels_[in], std::move(table));
  }
  int concat(const std::string& name, std::vector<int> inputs, int axis = 3) {
    format::ConcatT table;
    table.axis = static_cast<uint8_t>(axis);
    int channels = 0;
    for (int t : inputs) channels += channels_[t];
    return node(name, std::move(inputs), channels, std::move(table));
  }
  void output(int t) { builder.add_output("out" + std::to_string(t), t); }

  ModelBuilder builder;

 private:
  template <class Table>
  int node(const std::string& name, std::vector<int> inputs, int channels, Table table) {
    const int out = tensor(name, channels);
    builder.add_node(name, std::move(inputs), {out}, std::move(table));
    return out;
  }
  std::vector<int32_t> thresholds(int step) {
    std::vector<int32_t> values;
    int32_t at = 0;
    for (int k = 1; k < 16; ++k) values.push_back(at += random_.int32(1, 2 * step));
    return values;
  }
  std::vector<std::unique_ptr<format::RequantizedT>> one_output(int step) {
    std::vector<std::unique_ptr<format::RequantizedT>> list;
    list.push_back(std::make_unique<format::RequantizedT>());
    list.back()->thresholds = thresholds(step);
    return list;
  }

  Random random_;
  int q_ = 0;
  std::map<int, int> channels_;
};

// Two modules as inception has them, a nested concatenation, one input given twice, one that is the
// graph's input, one of a node with two outputs, one that a pool reads too, one that is read when
// its host is not needed any more.
FileBytes branched_net() {
  ConcatNet net(5);
  const int x = net.input();
  const int a = net.conv("a", x, 24, 1), b = net.conv("b", net.conv("b0", x, 12, 1), 17, 3);
  const int pooled = net.max_pool("pooled", x), mean = net.average("mean", x);
  const int inner = net.concat("inner", {a, pooled});
  const int first = net.concat("first", {b, inner, mean, x});
  const int c = net.lookup("c", net.conv("c0", first, 70, 3)), d = net.conv("d", first, 8, 1);
  const int sum = net.add("sum", d, x), two = net.conv("two", first, 9, 1, true);
  const int projected = net.max_pool("projected", c);
  const int second = net.concat("second", {c, sum, two, projected, sum});
  const int third = net.concat("third", {sum, net.lookup("shown", second)});
  net.output(net.conv("last", third, 10, 1));
  net.output(third);
  net.output(second);
  const int late = net.conv("late", x, 16, 1);
  const int early = net.concat("early", {late, net.max_pool("beside", x)});
  const int wide = net.conv("wide", net.conv("narrow", early, 4, 1), 24, 3);
  net.output(net.concat("end", {net.conv("after", wide, 8, 1), net.max_pool("late_pool", late)}));
  return net.builder.finish();
}

// A model with its tensors' places at batch 1.
struct Planned {
  explicit Planned(FileBytes bytes) : file(std::move(bytes)) {
    const Status status = Model::from_memory(file.data(), file.size(), &model);
    EXPECT_TRUE(status.ok()) << status.message();
    EXPECT_TRUE(plan_nodes(implementation(*model), {}, &setup).ok());
  }
  const Graph& graph() const { return implementation(*model).graph(); }
  size_t tensor(const std::string& name) const {
    size_t t = 0;
    while (name != graph().tensors[t].name) ++t;
    return t;
  }
  // "host + channel", or "" for memory of its own.
  std::string place(const std::string& name) const {
    const Place& p = setup.places[tensor(name)];
    if (p.host < 0) return "";
    return graph().tensors[static_cast<size_t>(p.host)].name + (" + " + std::to_string(p.channel));
  }

  FileBytes file;  // the model reads from it
  std::shared_ptr<const Model> model;
  SessionSetup setup;
};

TEST(Places, InputsOfAConcatLieInIt) {
  const Planned net(branched_net());
  EXPECT_EQ(net.place("b"), "first + 0");
  EXPECT_EQ(net.place("inner"), "first + 17");
  EXPECT_EQ(net.place("a"), "first + 17");  // by way of inner
  EXPECT_EQ(net.place("pooled"), "first + 41");
  EXPECT_EQ(net.place("mean"), "first + 49");
  EXPECT_EQ(net.place("sum"), "third + 0");  // the last Concat, though second comes first
  EXPECT_EQ(net.place("c"), "second + 0");   // the pool copes with rows that lie apart
  EXPECT_EQ(net.place("projected"), "second + 87");
  EXPECT_EQ(net.place("shown"), "third + 8");
  EXPECT_EQ(net.place("late"), "early + 0");
  for (const char* own : {"x", "b0", "two", "two_again", "d", "first", "second", "third"})
    EXPECT_EQ(net.place(own), "") << own;
  const Place& a = net.setup.places[net.tensor("a")];
  EXPECT_EQ(a.pitch, 17 + 24 + 8 + 8 + 8);
  EXPECT_EQ(net.setup.layout.tensor[net.tensor("a")],
            net.setup.layout.tensor[net.tensor("first")] + 17);
}

TEST(Places, OnlyRowsAreShared) {
  ConcatNet net(6);
  const int x = net.input(), a = net.conv("a", x, 8, 1), b = net.conv("b", x, 8, 1);
  format::ConcatT table;
  table.axis = 2;
  const int wide = net.builder.add_tensor("wide", {1, kHeight, 2 * kWidth, 8}, 0);
  net.builder.add_node("wide", {a, b}, {wide}, table);
  net.output(wide);
  const Planned planned(net.builder.finish());
  EXPECT_EQ(planned.place("a"), "");
  EXPECT_EQ(planned.place("b"), "");
}

TEST(Places, TheArenaShrinks) {
  ConcatNet net(7);
  const int x = net.input();
  net.output(net.concat("all", {net.conv("a", x, 64, 1), net.conv("b", x, 128, 3)}));
  const Planned planned(net.builder.finish());
  const SessionSetup& s = planned.setup;
  const size_t apart =
      plan_arena(planned.graph(), s.shapes, place_apart(s.shapes), s.plans, 1, false).bytes;
  EXPECT_GE(apart, s.layout.bytes + kHeight * kWidth * (64 + 128) / 2);
  size_t asked = 0;
  ASSERT_TRUE(Session::arena_bytes(*planned.model, {}, &asked).ok());
  EXPECT_EQ(asked, s.layout.bytes);
}

// All outputs' codes, after two runs on different images: what the first leaves must not matter.
std::vector<std::vector<uint8_t>> run(const std::shared_ptr<const Model>& model,
                                      const SessionOptions& options) {
  std::unique_ptr<Session> session;
  const Status status = Session::create(model, options, &session);
  EXPECT_TRUE(status.ok()) << status.message();
  Random random(31);
  std::vector<std::vector<uint8_t>> outputs;
  for (int round = 0; round < 2; ++round) {
    std::vector<uint8_t> codes(static_cast<size_t>(options.batch) * kHeight * kWidth * kChannels);
    for (uint8_t& code : codes) code = static_cast<uint8_t>(random.in(0, 15));
    EXPECT_TRUE(session->set_input_codes(0, codes.data(), codes.size()).ok());
    EXPECT_TRUE(session->run().ok());
    for (size_t i = 0; i < session->outputs().size(); ++i) {
      size_t count = 1;
      for (int64_t size : session->outputs()[i].shape) count *= static_cast<size_t>(size);
      outputs.emplace_back(count);
      EXPECT_TRUE(session->get_output_codes(i, outputs.back().data(), count).ok());
    }
  }
  return outputs;
}

TEST(Places, NoBitChanges) {
  const Planned net(branched_net());
  for (int batch : {1, 3}) {
    SessionOptions keep;
    keep.keep_tensors = true;  // all tensors have memory of their own
    keep.batch = batch;
    const auto expected = run(net.model, keep);
    int varied = 0;  // the sums of the last convolution pass all thresholds
    for (const auto& codes : expected)
      varied += std::set<uint8_t>(codes.begin(), codes.end()).size() > 4;
    EXPECT_GE(varied, 4);
    for (int i = 0; i < kernels::kIsaCount; ++i) {
      const auto isa = static_cast<kernels::Isa>(i);
      if (!kernels::isa_available(isa)) continue;
      for (int threads : {1, 2}) {
        SCOPED_TRACE(std::string(kernels::isa_name(isa)) + ", threads " + std::to_string(threads) +
                     ", batch " + std::to_string(batch));
        SessionOptions options;
        options.isa = kernels::isa_name(isa);
        options.threads = threads;
        options.batch = batch;
        EXPECT_EQ(run(net.model, options), expected);
      }
    }
  }
}

}  // namespace
}  // namespace weq::test
