// Names that a caller or the environment may force: the instruction set and the kernel family.
#pragma once

#include <string>

#include "kernels/isa.h"
#include "weq/weq.hpp"

namespace weq {

// `name`, or WEQ_FORCE_ISA where it is empty, or the best. Unknown or unavailable: an error that
// lists the valid names.
Status resolve_isa(const std::string& name, kernels::Isa* isa);

// `name`, or WEQ_FORCE_KERNEL where it is empty; "" stands for selection.
Status resolve_kernel(const std::string& name, std::string* family);

}  // namespace weq
