// The functions of lower.inc.
#pragma once

#include "converters/lower/lowering.h"

namespace weq::convert {

using LowerFunction = void (*)(Lowering& to, const Node& node);

// Several operators share a function: declaring it again is harmless.
#define WEQ_LOWER(op, function) void function(Lowering& to, const Node& node);
#include "converters/lower/lower.inc"
#undef WEQ_LOWER

// A layer that stays in float: dequantize, plug-in, quantize (float_layer.cpp).
void lower_float(Lowering& to, const Node& node);

// The function for an operator, or nullptr.
LowerFunction find_lowering(const std::string& op);

}  // namespace weq::convert
