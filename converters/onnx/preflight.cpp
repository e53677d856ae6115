#include "converters/onnx/preflight.h"

#include "converters/ir/graph.h"

namespace weq::convert {

void Preflight::refuse(const std::string& what, const std::string& reason) {
  const bool named = reason.compare(0, what.size(), what) == 0;
  refusals_.push_back(named ? reason : what + ": " + reason);
}

void Preflight::finish() const {
  if (refusals_.empty()) return;
  if (refusals_.size() == 1) throw ConvertError(refusals_.front());
  std::string text = std::to_string(refusals_.size()) + " places cannot be converted:";
  for (const std::string& refusal : refusals_) text += "\n  " + refusal;
  throw ConvertError(text);
}

}  // namespace weq::convert
