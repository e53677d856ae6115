// Refusals of one model, collected so that a user reads all of them at once.
#pragma once

#include <string>
#include <vector>

namespace weq::convert {

class Preflight {
 public:
  // `what` is "layer NAME" or "initializer NAME"; `reason` ends in advice. A reason that names its
  // layer already is taken as it is.
  void refuse(const std::string& what, const std::string& reason);
  bool empty() const { return refusals_.empty(); }
  // Throws ConvertError with every refusal, in the order in which they came; nothing if none.
  void finish() const;

 private:
  std::vector<std::string> refusals_;
};

}  // namespace weq::convert
