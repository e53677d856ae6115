// A window as shift kernels see it: for every activation that is not 0, which weight, how far to
// shift it, and to the sum of which class it belongs.
//
//     acc = sum over classes c of m_c * (sum of Lw << e over the window's activations m_c * 2^e)
//
// All sums wrap modulo 2^32. Products with m_c and shifts commute with that, so acc is exact
// because the true sum fits int32 (conv.h), whatever the class sums do on the way.
#pragma once

#include "kernels/conv/conv.h"
#include "kernels/conv/target.h"

namespace weq::kernels {

inline constexpr int32_t kMaxShiftClasses = 8;

// Levels split as level = mantissa[class] * 2^exponent, mantissa odd, negative for negative levels.
struct ShiftCodes {
  int32_t classes = 0;
  int32_t mantissa[kMaxShiftClasses] = {};
  uint8_t class_of[256] = {};  // of each stored byte; kZeroClass for level 0
  uint8_t exponent[256] = {};
};
inline constexpr uint8_t kZeroClass = kMaxShiftClasses;

// False when the levels need more than kMaxShiftClasses mantissas.
bool shift_codes(const LevelMap& map, ShiftCodes* codes);

const char* shift_refuse(const ConvProblem& problem);

// Packed weights: ShiftCodes, padded to kAlignment, then levels
// [group][block of `width` output channels][kernel_h][kernel_w][in_c / groups][width],
// 0 where the last block exceeds the group.
size_t shift_codes_bytes();
size_t shift_packed_bytes(const ConvShape& shape, int32_t width);
void shift_pack(const ConvProblem& problem, int32_t width, void* packed);

struct ShiftTerm {
  uint32_t weight;  // number within the window: (ky * kernel_w + kx) * (in_c / groups) + channel
  uint32_t shift;
};

// The terms of one output pixel and group, class after class: those of class c end before
// terms[end[c]]. `terms` holds as many as a window has inputs.
void shift_terms(const ConvCall& call, const ShiftCodes& codes, int64_t pixel, int32_t group,
                 ShiftTerm* terms, int32_t end[kMaxShiftClasses]);

}  // namespace weq::kernels
