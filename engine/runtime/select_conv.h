// Which convolution kernel runs a layer: the cheapest by its own estimate among those that accept.
#pragma once

#include <string>
#include <vector>

#include "kernels/conv/conv.h"
#include "weq/weq.hpp"

namespace weq {

struct ConvChoice {
  const kernels::ConvKernel* kernel = nullptr;
  std::string reason;  // why this one: its estimate and the runners-up, or who asked for it
  // All kernels under the ISA: those that accept by ascending cycles, then those that refuse.
  std::vector<KernelCandidate> candidates;
};

// `forced`: a family that takes the layer if any of its kernels accepts, or "". `tuned`: a kernel
// that takes the layer if it accepts, before any family; or "".
ConvChoice select_conv(const kernels::ConvProblem& problem, kernels::Isa limit,
                       const std::string& forced, const std::string& tuned = "");

// True when some kernel belongs to the family `name`; else all names, for the message.
bool is_kernel_family(const std::string& name);
std::string kernel_families();

// The kernel called `name`, or nullptr; else all names, for the message.
const kernels::ConvKernel* find_conv_kernel(const std::string& name);
std::string conv_kernel_names();

}  // namespace weq
