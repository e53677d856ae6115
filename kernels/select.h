// Selection from a family's list: the first entry that the cap allows; the last is the reference,
// which every machine runs.
#pragma once

#include "kernels/isa.h"

namespace weq::kernels {

template <class Kernel>
const Kernel& select_kernel(const Kernel* const* list, int count, Isa limit) {
  for (int i = 0; i < count; ++i) {
    if (isa_usable(list[i]->isa, limit)) return *list[i];
  }
  return *list[count - 1];
}

}  // namespace weq::kernels
