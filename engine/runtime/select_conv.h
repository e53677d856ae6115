// Which convolution kernel runs a layer: the cheapest by its own estimate among those that accept.
#pragma once

#include <string>

#include "kernels/conv/conv.h"

namespace weq {

struct ConvChoice {
  const kernels::ConvKernel* kernel = nullptr;
  std::string reason;  // why this one, and why cheaper or forced ones declined
};

// `forced`: a family that takes the layer if any of its kernels accepts, or "".
ConvChoice select_conv(const kernels::ConvProblem& problem, kernels::Isa limit,
                       const std::string& forced);

// True when some kernel belongs to the family `name`; else all names, for the message.
bool is_kernel_family(const std::string& name);
std::string kernel_families();

}  // namespace weq
