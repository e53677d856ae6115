#include "engine/runtime/select_conv.h"

#include "kernels/conv/memory.h"

namespace weq {
namespace {

using kernels::ConvKernel;
using kernels::kConvKernelCount;
using kernels::kConvKernels;

// The cheapest acceptable kernel of `family` ("": any); reasons of those that refuse are appended.
const ConvKernel* cheapest(const kernels::ConvProblem& problem, kernels::Isa limit,
                           const std::string& family, std::string* refusals) {
  const ConvKernel* best = nullptr;
  double best_cost = 0;
  for (int i = 0; i < kConvKernelCount; ++i) {
    const ConvKernel& kernel = *kConvKernels[i];
    if (!family.empty() && family != kernel.family) continue;
    if (!kernels::isa_usable(kernel.isa, limit)) continue;
    const char* refusal = kernel.refuse(problem);
    if (refusal != nullptr) {
      if (!refusals->empty()) *refusals += "; ";
      *refusals += std::string(kernel.name) + ": " + refusal;
      continue;
    }
    const double cost = kernels::conv_cycles(kernel, problem);
    if (best == nullptr || cost < best_cost) {
      best = &kernel;
      best_cost = cost;
    }
  }
  return best;
}

}  // namespace

ConvChoice select_conv(const kernels::ConvProblem& problem, kernels::Isa limit,
                       const std::string& forced) {
  std::string refusals;
  if (!forced.empty()) {
    const ConvKernel* kernel = cheapest(problem, limit, forced, &refusals);
    if (kernel != nullptr) return {kernel, "forced"};
    if (refusals.empty()) refusals = "no kernel of it under this ISA";
    std::string others;
    kernel = cheapest(problem, limit, "", &others);
    return {kernel, forced + " refused (" + refusals + ")"};
  }
  const ConvKernel* kernel = cheapest(problem, limit, "", &refusals);
  return {kernel,
          refusals.empty() ? "least estimated cycles" : "least estimated cycles; " + refusals};
}

bool is_kernel_family(const std::string& name) {
  for (int i = 0; i < kConvKernelCount; ++i)
    if (name == kConvKernels[i]->family) return true;
  return false;
}

std::string kernel_families() {
  std::string names;
  for (int i = 0; i < kConvKernelCount; ++i) {
    const std::string family = kConvKernels[i]->family;
    if ((", " + names + ",").find(", " + family + ",") != std::string::npos) continue;
    names += (names.empty() ? "" : ", ") + family;
  }
  return names;
}

}  // namespace weq
