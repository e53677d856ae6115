// Declares the OpDef of every operator in ops.inc: kOpConv, kOpGemm, ... Each is defined in the
// operator's file, a constant initialized at compile time.
#pragma once

#include "converters/ops/op.h"

namespace weq::convert {

#define WEQ_OP(name) extern const OpDef kOp##name;
#include "converters/ops/ops.inc"
#undef WEQ_OP

}  // namespace weq::convert
