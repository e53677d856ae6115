// A small network of convolutions with everything the runtime has to keep apart: padding, stride,
// a depthwise layer, a tensor stored twice, a residual, signed bytes with an offset, units at the
// end. Random numbers, and the expected values by plain loops.
#pragma once

#include "tests/support/model_builder.h"
#include "tests/support/plain_conv.h"
#include "tests/support/random.h"

namespace weq::test {

class TestNet {
 public:
  static constexpr int kHeight = 9, kWidth = 7, kChannels = 3, kClasses = 5;

  explicit TestNet(uint64_t seed) : random_(seed) {
    std::vector<int32_t> pixels, signed_levels, log_levels = {0, 1, 2, 3, 5, 8, 13, 21};
    for (int k = 0; k < 16; ++k) pixels.push_back(k);
    for (int k = -20; k <= 20; ++k) signed_levels.push_back(k);
    const int q_in = builder.add_quantizer(format::QuantizerKind::Linear, pixels, 0.25f);
    const int q_log = builder.add_quantizer(format::QuantizerKind::Log, log_levels, 0.5f);
    const int q_signed =
        builder.add_quantizer(format::QuantizerKind::Linear, signed_levels, 0.125f, 128);
    const int x = builder.add_tensor("x", {1, kHeight, kWidth, kChannels}, q_in);
    const int a = builder.add_tensor("a", {1, 9, 7, 8}, q_log);
    const int a8 = builder.add_tensor("a8", {1, 9, 7, 8}, q_signed);
    const int b = builder.add_tensor("b", {1, 9, 7, 8}, q_log);
    const int c = builder.add_tensor("c", {1, 9, 7, 8}, q_signed);
    const int d = builder.add_tensor("d", {1, 5, 4, 16}, q_log);
    const int e = builder.add_units("e", {1, 5, 4, kClasses}, 0.0625f);
    builder.add_input("input", x, {0, 3, 1, 2});
    builder.add_output("output", e, {0, 3, 1, 2});

    specs = {layer("conv1", x, -1, {a, a8}, 3, 8, 3, 1, 1),
             layer("conv2", a, -1, {b}, 8, 8, 3, 1, 8), layer("conv3", b, a8, {c}, 8, 8, 1, 1, 1),
             layer("conv4", c, -1, {d}, 8, 16, 3, 2, 2),
             layer("conv5", d, -1, {e}, 16, kClasses, 1, 1, 1)};
    specs[4].unit = 0.0625f;
    for (const ConvSpec& s : specs) builder.add_conv(s);
  }

  ModelBuilder builder;
  std::vector<ConvSpec> specs;

  // Input levels for a batch and size, in the stored order.
  Plane random_input(int batch, int height = kHeight, int width = kWidth) {
    Plane in(batch, height, width, kChannels);
    for (int64_t& level : in.level) level = random_.in(0, 15);
    return in;
  }

  // v of the last layer, and (optional) the levels of every stored tensor by name.
  Plane expected(const Plane& in, std::vector<std::pair<std::string, Plane>>* all = nullptr) const {
    std::vector<Plane> stored(builder.model.tensors.size());
    stored[static_cast<size_t>(specs[0].input)] = in;
    Plane last;
    for (const ConvSpec& s : specs) {
      const Plane* residual = s.residual < 0 ? nullptr : &stored[static_cast<size_t>(s.residual)];
      last = plain_v(s, stored[static_cast<size_t>(s.input)], residual);
      for (size_t k = 0; k < s.outputs.size(); ++k) {
        const auto t = static_cast<size_t>(s.outputs[k]);
        const int quantizer = builder.model.tensors[t]->quantizer;
        if (quantizer >= 0)
          stored[t] =
              plain_levels(last, s.thresholds[k],
                           builder.model.quantizers[static_cast<size_t>(quantizer)]->levels);
        else
          stored[t] = last;
      }
    }
    if (all != nullptr)
      for (size_t t = 0; t < stored.size(); ++t)
        all->emplace_back(builder.model.tensors[t]->name, stored[t]);
    return last;
  }

  // A user's float array (channels first) of these levels times the unit.
  static std::vector<float> channels_first(const Plane& p, float unit) {
    std::vector<float> values;
    for (int n = 0; n < p.n; ++n)
      for (int k = 0; k < p.c; ++k)
        for (int y = 0; y < p.h; ++y)
          for (int x = 0; x < p.w; ++x)
            values.push_back(unit * static_cast<float>(p.at(n, y, x, k)));
    return values;
  }

 private:
  ConvSpec layer(const std::string& name, int input, int residual, std::vector<int> outputs,
                 int in_c, int out_c, int kernel, int stride, int groups) {
    ConvSpec s;
    s.name = name;
    s.input = input;
    s.residual = residual;
    s.outputs = outputs;
    s.in_c = in_c;
    s.out_c = out_c;
    s.groups = groups;
    const auto k = static_cast<uint16_t>(kernel), pad = static_cast<uint16_t>(kernel / 2);
    s.kernel = {k, k};
    s.stride = {static_cast<uint16_t>(stride), static_cast<uint16_t>(stride)};
    s.pads = {pad, pad, pad, pad};
    s.bits = 3;
    s.levels = {-3, -1, 0, 1, 4};
    const int count = out_c * kernel * kernel * in_c / groups;
    for (int i = 0; i < count; ++i) s.codes.push_back(static_cast<int>(random_.in(0, 4)));
    for (int o = 0; o < out_c; ++o) {
      s.multiplier.push_back(random_.int32(-40, 60));
      s.addend.push_back(random_.int32(-500, 500));
    }
    if (residual >= 0) s.residual_factor = 37;
    for (int t : outputs) {
      std::vector<int32_t> thresholds;
      const int quantizer = builder.model.tensors[static_cast<size_t>(t)]->quantizer;
      if (quantizer >= 0) {
        const size_t codes =
            builder.model.quantizers[static_cast<size_t>(quantizer)]->levels.size();
        int32_t at = codes > 8 ? -2000 : 0;
        for (size_t i = 1; i < codes; ++i) thresholds.push_back(at += random_.int32(1, 200));
      }
      s.thresholds.push_back(thresholds);
    }
    return s;
  }

  Random random_;
};

}  // namespace weq::test
