#include <map>

#include "converters/ops/list.h"

namespace weq::convert {

const std::vector<const OpDef*>& all_ops() {
  static const std::vector<const OpDef*> ops = {
#define WEQ_OP(name) &kOp##name,
#include "converters/ops/ops.inc"
#undef WEQ_OP
  };
  return ops;
}

const OpDef* find_op(const std::string& name) {
  static const std::map<std::string, const OpDef*> by_name = [] {
    std::map<std::string, const OpDef*> result;
    for (const OpDef* op : all_ops()) result[op->name] = op;
    return result;
  }();
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : found->second;
}

}  // namespace weq::convert
