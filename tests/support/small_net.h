// Small ONNX networks with seeded weights around one operator under test.
#pragma once

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tests/support/onnx_builder.h"

namespace weq::test {

class SmallNet : public OnnxBuilder {
 public:
  explicit SmallNet(int64_t opset = 13) : OnnxBuilder(opset) {}

  // A convolution with He-scaled weights and a bias; pads keep the size at stride 1.
  SmallNet& conv(const std::string& from, const std::string& to, int64_t in, int64_t out,
                 int64_t kernel = 3, int64_t stride = 1, int64_t groups = 1) {
    floats(to + ".w", {out, in / groups, kernel, kernel},
           normal(out * in / groups * kernel * kernel,
                  std::sqrt(2.0f / static_cast<float>(in / groups * kernel * kernel))));
    floats(to + ".b", {out}, normal(out, 0.2f));
    auto& n = node("Conv", {from, to + ".w", to + ".b"}, {to}, to);
    set(n, "kernel_shape", std::vector<int64_t>{kernel, kernel});
    set(n, "strides", std::vector<int64_t>{stride, stride});
    const int64_t pad = kernel / 2;
    set(n, "pads", std::vector<int64_t>{pad, pad, pad, pad});
    set(n, "group", groups);
    return *this;
  }
  std::vector<float> normal(int64_t count, float deviation, float mean = 0) {
    std::vector<float> values;
    std::normal_distribution<float> distribution(mean, deviation);
    for (int64_t i = 0; i < count; ++i) values.push_back(distribution(random_));
    return values;
  }

 private:
  std::mt19937 random_{20170701};
};

inline void set(onnx::NodeProto& node, const std::string& key, float value) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(key);
  attribute.set_type(onnx::AttributeProto::FLOAT);
  attribute.set_f(value);
}
inline void set(onnx::NodeProto& node, const std::string& key, const char* value) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(key);
  attribute.set_type(onnx::AttributeProto::STRING);
  attribute.set_s(value);
}

}  // namespace weq::test
