// Writes a float network as ONNX, layer by layer, with seeded weights: same calls, same bytes, on
// every machine. Axes are ONNX's; one image per batch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weq::bench {

// A tensor [1, channels, height, width] of the network under construction.
struct Feature {
  std::string name;
  int64_t channels = 0, height = 0, width = 0;
};

enum class Activation { kNone, kRelu, kRelu6 };

// Square kernel, equal pads on all sides.
struct ConvSpec {
  int64_t channels = 0, kernel = 1, stride = 1, pad = 0, groups = 1;
  Activation activation = Activation::kRelu;
  float gain = 1;  // times He's standard deviation; below 1 before an addition, so that sums of
                   // many blocks stay bounded
};

class NetworkBuilder {
 public:
  explicit NetworkBuilder(const std::string& name);
  ~NetworkBuilder();

  Feature image(int64_t channels, int64_t height, int64_t width);
  // With a bias; batch normalization counts as folded.
  Feature conv(const Feature& x, const ConvSpec& spec);
  Feature relu(const Feature& x);
  Feature add(const Feature& a, const Feature& b, Activation activation);
  // Along channels.
  Feature concat(const std::vector<Feature>& parts);
  // Local response normalization over five channels, alpha 1e-4, beta 0.75, bias 1.
  Feature lrn(const Feature& x);
  // Without pads a last window that stands out of the input counts, as in Caffe.
  Feature max_pool(const Feature& x, int64_t kernel, int64_t stride, int64_t pad = 0);
  Feature global_average(const Feature& x);
  Feature flatten(const Feature& x);
  Feature fully_connected(const Feature& flat, int64_t channels, Activation activation);
  void output(const Feature& x);

  // The serialized ModelProto.
  std::string bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weq::bench
