// The border between a user's arrays and stored tensors: axis order, quantization, values.
// Nothing here allocates once a PortMap is made.
#pragma once

#include "engine/runtime/graph.h"

namespace weq {

// How the elements of a user's array lie in a stored tensor.
struct PortMap {
  const TensorInfo* tensor = nullptr;
  Dims user;                      // shape in the user's axis order
  int64_t stride[kMaxRank] = {};  // of each user axis, in stored elements
  int64_t channels = 1;           // length of the last physical axis

  size_t count() const { return static_cast<size_t>(user.count()); }
};

// `axes[i]` is the physical axis of the user's axis i; nullptr: the same order.
PortMap make_port_map(const TensorInfo& tensor, const Dims& shape, const uint8_t* axes);
// The order of ONNX: for three axes and more, the last physical axis (channels) is axis 1.
PortMap make_onnx_map(const TensorInfo& tensor, const Dims& shape);

// How float values become stored bytes (quantization.md, sections 2 and 5).
class InputQuantizer {
 public:
  // `preprocess`: of an image input, else nullptr.
  InputQuantizer(const TensorInfo& tensor, const format::Preprocess* preprocess, int64_t channels);
  uint8_t quantize(float x, int64_t channel) const;

 private:
  uint8_t nearest(double level) const;

  const QuantizerInfo& quantizer_;
  bool image_ = false, linear_ = false;
  float scale_ = 1;
  std::vector<float> mean_, std_;
};

void write_float(const PortMap& map, const InputQuantizer* quantizer, const float* from, void* to);
// False: a code number is not below the quantizer's number of codes; nothing is written then.
bool write_codes(const PortMap& map, const uint8_t* from, uint8_t* to);
void read_float(const PortMap& map, const void* from, float* to);
void read_units(const PortMap& map, const int32_t* from, int32_t* to);
void read_codes(const PortMap& map, const uint8_t* from, uint8_t* to);

}  // namespace weq
