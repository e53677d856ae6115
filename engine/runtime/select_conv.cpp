#include "engine/runtime/select_conv.h"

#include <algorithm>
#include <cstdio>

#include "kernels/conv/memory.h"

namespace weq {
namespace {

using kernels::ConvKernel;
using kernels::kConvKernelCount;
using kernels::kConvKernels;

constexpr size_t kRunnersUp = 2;  // that the reason names

std::vector<KernelCandidate> consider_all(const kernels::ConvProblem& problem, kernels::Isa limit) {
  std::vector<KernelCandidate> candidates, refused;
  for (int i = 0; i < kConvKernelCount; ++i) {
    const ConvKernel& kernel = *kConvKernels[i];
    if (!kernels::isa_usable(kernel.isa, limit)) continue;
    if (const char* refusal = kernel.refuse(problem))
      refused.push_back({kernel.name, 0, refusal});
    else
      candidates.push_back({kernel.name, kernels::conv_cycles(kernel, problem), ""});
  }
  std::stable_sort(
      candidates.begin(), candidates.end(),
      [](const KernelCandidate& a, const KernelCandidate& b) { return a.cycles < b.cycles; });
  candidates.insert(candidates.end(), refused.begin(), refused.end());
  return candidates;
}

std::string cycles_text(double cycles) {
  char text[32];
  const bool millions = cycles >= 1e5;
  std::snprintf(text, sizeof text, "%.*f %s", millions ? 2 : 1, cycles * (millions ? 1e-6 : 1e-3),
                millions ? "M" : "k");
  return text;
}

// Of the first candidate.
std::string why_cheapest(const std::vector<KernelCandidate>& candidates) {
  std::string text = "least estimated cycles: " + cycles_text(candidates[0].cycles);
  for (size_t i = 1; i <= kRunnersUp && i < candidates.size(); ++i) {
    if (!candidates[i].refusal.empty()) break;
    text +=
        (i == 1 ? "; then " : ", ") + candidates[i].name + " " + cycles_text(candidates[i].cycles);
  }
  return text;
}

// The tuned kernel, or nullptr and why it does not take the layer.
const ConvKernel* take_tuned(const std::vector<KernelCandidate>& candidates,
                             const std::string& tuned, std::string* reason) {
  const ConvKernel* kernel = find_conv_kernel(tuned);
  std::string refusal =
      kernel == nullptr ? "unknown" : "needs " + std::string(kernels::isa_name(kernel->isa));
  for (const KernelCandidate& candidate : candidates) {
    if (candidate.name != tuned) continue;
    refusal = candidate.refusal;
    if (!refusal.empty()) break;
    *reason = "measured tuning; " + cycles_text(candidate.cycles) + " cycles estimated";
    return kernel;
  }
  *reason = "tuned " + tuned + " refused (" + refusal + "); ";
  return nullptr;
}

// The cheapest kernel of the family, or nullptr and why none takes the layer.
const ConvKernel* take_forced(const std::vector<KernelCandidate>& candidates,
                              const std::string& family, std::string* reason) {
  std::string refusals;
  for (const KernelCandidate& candidate : candidates) {
    const ConvKernel* kernel = find_conv_kernel(candidate.name);
    if (family != kernel->family) continue;
    if (candidate.refusal.empty()) {
      *reason += "forced";
      return kernel;
    }
    refusals += (refusals.empty() ? "" : "; ") + candidate.name + ": " + candidate.refusal;
  }
  if (refusals.empty()) refusals = "no kernel of it under this ISA";
  *reason += family + " refused (" + refusals + "); ";
  return nullptr;
}

}  // namespace

ConvChoice select_conv(const kernels::ConvProblem& problem, kernels::Isa limit,
                       const std::string& forced, const std::string& tuned) {
  ConvChoice choice;
  choice.candidates = consider_all(problem, limit);
  if (!tuned.empty()) choice.kernel = take_tuned(choice.candidates, tuned, &choice.reason);
  if (choice.kernel == nullptr && !forced.empty())
    choice.kernel = take_forced(choice.candidates, forced, &choice.reason);
  if (choice.kernel != nullptr || choice.candidates.empty() ||
      !choice.candidates[0].refusal.empty())
    return choice;
  choice.kernel = find_conv_kernel(choice.candidates[0].name);
  choice.reason += why_cheapest(choice.candidates);
  return choice;
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

const ConvKernel* find_conv_kernel(const std::string& name) {
  for (int i = 0; i < kConvKernelCount; ++i)
    if (name == kConvKernels[i]->name) return kConvKernels[i];
  return nullptr;
}

std::string conv_kernel_names() {
  std::string names;
  for (int i = 0; i < kConvKernelCount; ++i)
    names += (i == 0 ? "" : ", ") + std::string(kConvKernels[i]->name);
  return names;
}

}  // namespace weq
