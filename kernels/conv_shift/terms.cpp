#include "kernels/conv_shift/terms.h"

#include <cstring>

#include "kernels/conv/codes.h"

namespace weq::kernels {
namespace {

int32_t window_inputs(const ConvShape& s) { return s.kernel_h * s.kernel_w * (s.in_c / s.groups); }

// Calls visit(number of the window's first weight there, bytes of the group's channels) per tap.
template <class Visit>
void for_each_tap(const ConvCall& call, int64_t pixel, int32_t group, const Visit& visit) {
  const ConvProblem& problem = *call.problem;
  const ConvShape& s = problem.shape;
  const int32_t channels = s.in_c / s.groups;
  const int64_t line = pixel / s.out_w, n = line / s.out_h;
  const int64_t top = (line - n * s.out_h) * s.stride_h - s.pad_top;
  const int64_t left = (pixel - line * s.out_w) * s.stride_w - s.pad_left;
  uint32_t weight = 0;
  for (int32_t ky = 0; ky < s.kernel_h; ++ky) {
    const int64_t y = top + int64_t{ky} * s.dilation_h;
    for (int32_t kx = 0; kx < s.kernel_w; ++kx) {
      const int64_t x = left + int64_t{kx} * s.dilation_w;
      const bool inside = y >= 0 && y < s.in_h && x >= 0 && x < s.in_w;
      const uint8_t* bytes =
          inside ? call.input + ((n * s.in_h + y) * s.in_w + x) * s.in_c : problem.pad_bytes;
      visit(weight, bytes + int64_t{group} * channels);
      weight += static_cast<uint32_t>(channels);
    }
  }
}

}  // namespace

bool shift_codes(const LevelMap& map, ShiftCodes* codes) {
  *codes = ShiftCodes();
  std::memset(codes->class_of, kZeroClass, sizeof(codes->class_of));
  for (int32_t k = 0; k < map.codes; ++k) {
    const uint8_t byte = map.byte_of_code[k];
    int32_t mantissa = map.level[byte], exponent = 0, found = 0;
    if (mantissa == 0) continue;
    for (; mantissa % 2 == 0; mantissa /= 2) ++exponent;
    while (found < codes->classes && codes->mantissa[found] != mantissa) ++found;
    if (found == kMaxShiftClasses) return false;
    if (found == codes->classes) codes->mantissa[codes->classes++] = mantissa;
    codes->class_of[byte] = static_cast<uint8_t>(found);
    codes->exponent[byte] = static_cast<uint8_t>(exponent);
  }
  return true;
}

const char* shift_refuse(const ConvProblem& problem) {
  ShiftCodes codes;
  return shift_codes(*problem.input, &codes) ? nullptr : "levels of more than 8 mantissas";
}

size_t shift_codes_bytes() { return round_up(sizeof(ShiftCodes), kAlignment); }

size_t shift_packed_bytes(const ConvShape& s, int32_t width) {
  const size_t channels = round_up(size_t(s.out_c / s.groups), size_t(width)) * size_t(s.groups);
  return shift_codes_bytes() + channels * size_t(window_inputs(s));
}

void shift_pack(const ConvProblem& problem, int32_t width, void* packed) {
  const ConvShape& s = problem.shape;
  std::memset(packed, 0, shift_packed_bytes(s, width));
  ShiftCodes codes;
  shift_codes(*problem.input, &codes);
  std::memcpy(packed, &codes, sizeof(codes));
  auto* panels = static_cast<int8_t*>(packed) + shift_codes_bytes();
  const int32_t inputs = window_inputs(s), per_group = s.out_c / s.groups;
  const int32_t blocks = (per_group + width - 1) / width;
  LevelReader reader(problem.weights, 0);
  for (int32_t o = 0; o < s.out_c; ++o) {
    const int32_t group = o / per_group, in_group = o % per_group;
    int8_t* to =
        panels + (int64_t{group} * blocks + in_group / width) * inputs * width + in_group % width;
    for (int32_t k = 0; k < inputs; ++k, to += width) *to = reader.next();
  }
}

void shift_terms(const ConvCall& call, const ShiftCodes& codes, int64_t pixel, int32_t group,
                 ShiftTerm* terms, int32_t end[kMaxShiftClasses]) {
  const ConvShape& s = call.problem->shape;
  const int32_t channels = s.in_c / s.groups;
  int32_t next[kMaxShiftClasses + 1] = {};
  for_each_tap(call, pixel, group, [&](uint32_t, const uint8_t* bytes) {
    for (int32_t c = 0; c < channels; ++c) ++next[codes.class_of[bytes[c]]];
  });
  // From counts to first places; zeros go behind the others and count for nothing.
  int32_t first = 0;
  for (int32_t& place : next) {
    const int32_t count = place;
    place = first;
    first += count;
  }
  for_each_tap(call, pixel, group, [&](uint32_t weight, const uint8_t* bytes) {
    for (int32_t c = 0; c < channels; ++c) {
      const uint8_t byte = bytes[c];
      terms[next[codes.class_of[byte]]++] = {weight + static_cast<uint32_t>(c),
                                             codes.exponent[byte]};
    }
  });
  for (int32_t c = 0; c < kMaxShiftClasses; ++c) end[c] = next[c];
}

}  // namespace weq::kernels
