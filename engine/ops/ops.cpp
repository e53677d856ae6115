#include "engine/ops/op.h"

namespace weq {

const Operator* find_operator(format::Operator type) {
  switch (type) {
#define WEQ_OPERATOR(table, variable) \
  case format::Operator::table:       \
    return &variable;
#include "engine/ops/ops.inc"
#undef WEQ_OPERATOR
    default:
      return nullptr;
  }
}

int QuantizerInfo::max_abs_level() const {
  const int low = map.min_level < 0 ? -map.min_level : map.min_level;
  const int high = map.max_level < 0 ? -map.max_level : map.max_level;
  return low > high ? low : high;
}

}  // namespace weq
