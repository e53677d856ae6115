// Storage for a value of known shape.
#pragma once

#include "converters/ir/graph.h"

namespace weq::convert {

// Gives `tensor` the type and shape of `value` and room for it. Contents are unspecified.
void allocate(const Value& value, Tensor* tensor);

}  // namespace weq::convert
