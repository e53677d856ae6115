// The kernels considered for a layer, for reports.
#pragma once

#include <vector>

#include "weq/weq.hpp"

namespace weq::convert {

// Adds "candidates" (kernel, cycles; the least first) and "refused" (kernel, reason) to an object
// of nlohmann's library; nothing for layers without a choice.
template <class Json>
void add_candidates(const std::vector<KernelCandidate>& candidates, Json* layer) {
  if (candidates.empty()) return;
  Json accepted = Json::array(), refused = Json::array();
  for (const KernelCandidate& candidate : candidates) {
    if (candidate.refusal.empty())
      accepted.push_back(Json{{"kernel", candidate.name}, {"cycles", candidate.cycles}});
    else
      refused.push_back(Json{{"kernel", candidate.name}, {"reason", candidate.refusal}});
  }
  (*layer)["candidates"] = std::move(accepted);
  (*layer)["refused"] = std::move(refused);
}

}  // namespace weq::convert
