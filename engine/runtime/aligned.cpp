#include "engine/runtime/aligned.h"

#include <cstdlib>
#include <cstring>

#include "kernels/contract.h"

namespace weq {

void AlignedFree::operator()(uint8_t* p) const { std::free(p); }

AlignedBuffer allocate_aligned(size_t bytes) {
  const size_t size = kernels::round_up(bytes + kernels::kSlack, kernels::kAlignment);
  auto* p =
      size < bytes ? nullptr : static_cast<uint8_t*>(std::aligned_alloc(kernels::kAlignment, size));
  if (p != nullptr) std::memset(p, 0, size);
  return AlignedBuffer(p);
}

}  // namespace weq
