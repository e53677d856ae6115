// Half precision to float, bit by bit: exact, the same on every machine.
#pragma once

#include <cstdint>

namespace weq::convert {

float widen_float16(uint16_t bits);   // IEEE 754 binary16
float widen_bfloat16(uint16_t bits);  // the upper half of a float

}  // namespace weq::convert
