// The one rule that turns a quantizer's numbers into a LevelMap: loader and converter share it.
#pragma once

#include "kernels/contract.h"

namespace weq::kernels {

// `levels`: `count` of them, 1..256, ascending. Level bytes: level + offset lies in 0..255.
LevelMap make_level_map(const int32_t* levels, int32_t count, int32_t offset, bool code_bytes);

}  // namespace weq::kernels
