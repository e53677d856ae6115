#include "converters/lower/list.h"

namespace weq::convert {

LowerFunction find_lowering(const std::string& op) {
  static const struct {
    const char* op;
    LowerFunction function;
  } kList[] = {
#define WEQ_LOWER(op, function) {#op, function},
#include "converters/lower/lower.inc"
#undef WEQ_LOWER
  };
  for (const auto& entry : kList) {
    if (op == entry.op) return entry.function;
  }
  return nullptr;
}

}  // namespace weq::convert
