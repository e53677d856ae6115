// Memory as kernels want it: aligned to kAlignment, followed by kSlack readable bytes, zeroed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace weq {

struct AlignedFree {
  void operator()(uint8_t* p) const;
};
using AlignedBuffer = std::unique_ptr<uint8_t[], AlignedFree>;

// Null when there is no memory.
AlignedBuffer allocate_aligned(size_t bytes);

}  // namespace weq
