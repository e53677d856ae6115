// Vocabulary shared by every kernel contract: alignment, slack, and how stored bytes read as
// levels.
//
// All kernels work on arrays and integers alone. They know no graph, no file and no thread, and
// never allocate. A kernel runs a half-open range of its work items; the caller splits the range
// over threads. The result must not depend on the split.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weq::kernels {

// Every buffer handed to a kernel starts at a multiple of kAlignment bytes and is followed by
// kSlack bytes that may be read (never used for a result, never written).
inline constexpr size_t kAlignment = 64;
inline constexpr size_t kSlack = 64;

// Per-channel int32 arrays (multipliers, addends, start values) are padded with zeros to a multiple
// of this many channels, so that vector kernels need no masked loads on them.
inline constexpr int kChannelPad = 64;

inline constexpr size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

// How the bytes of one stored tensor read as integer levels (quantization.md, sections 3 and 4).
// Two storage kinds exist, and the quantizer alone decides between them:
//   level bytes  (byte_is_level): byte = level + offset, for quantizers whose levels fit a byte;
//   code bytes   (otherwise):     byte = code number, for shift layers with levels up to 2^15.
// Both are monotone bijections of the code.
struct LevelMap {
  int32_t level[256] = {};         // level of each stored byte; 0 for bytes that no code has
  uint8_t byte_of_code[256] = {};  // stored byte of each code
  int32_t codes = 0;               // number of codes, 1..256
  int32_t offset = 0;              // 0..255; meaningless unless byte_is_level
  bool byte_is_level = true;
  int32_t min_level = 0, max_level = 0;  // levels of the first and the last code
  int32_t zero_byte = -1;                // the byte whose level is 0, or -1 when there is none
};

}  // namespace weq::kernels
