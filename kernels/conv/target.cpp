#include "kernels/conv/target.h"

namespace weq::kernels {

EpilogueTarget conv_target(const ConvCall& call, int64_t row, int32_t channel) {
  const int32_t channels = call.problem->shape.out_c;
  EpilogueTarget target;
  target.residual_stride = channels;
  target.stride = call.out_stride != 0 ? call.out_stride : channels;
  const int64_t at = row * target.stride + channel;
  if (call.residual != nullptr) target.residual = call.residual + row * channels + channel;
  for (int i = 0; i < 2; ++i) {
    if (call.bytes[i] != nullptr) target.bytes[i] = call.bytes[i] + at;
  }
  if (call.units != nullptr) target.units = call.units + at;
  return target;
}

}  // namespace weq::kernels
