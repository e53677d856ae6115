// One convolution as a oneDNN primitive with everything it needs between calls. Not thread-safe:
// one object per node and thread.
#pragma once

#include <memory>

#include "converters/ops/window.h"

namespace weq::convert {

struct ConvShape {
  Image x, y;
  int64_t groups = 1;
  Window2d window;
  bool bias = false;
  bool residual = false;
  // Applied by the primitive: max(low, min(high, v)), or negative values times `slope`.
  enum class Activation { kNone, kRelu, kClip } activation = Activation::kNone;
  float slope = 0, low = 0, high = 0;

  bool operator==(const ConvShape& other) const;
};

class DnnlConv {
 public:
  explicit DnnlConv(const ConvShape& shape);
  ~DnnlConv();
  const ConvShape& shape() const;
  // x, residual, y: [n, c, h, w], dense. weights: [y.c, x.c / groups, kernel]. `keep_weights`: the
  // weights at this address never change, so that they are reordered once.
  void run(const float* x, const float* weights, bool keep_weights, const float* bias,
           const float* residual, float* y);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weq::convert
