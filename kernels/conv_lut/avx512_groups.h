// Turns pixels of stored bytes into the indices of groups whose codes are put side by side.
#pragma once

#include "kernels/conv_lut/avx512_words.h"

namespace weq::kernels {
namespace {

// kGroup channels and kBytes of an index. Form: shift(i) of the code of channel i in its row's
// number; put(code, lanes, index) stores 64 groups, `code(i)` being the shifted codes of their
// channel i.
template <class Form, int32_t kGroup, int32_t kBytes>
class GroupRow {
 public:
  GroupRow(const ConvProblem& problem, const LutLayout& layout)
      : groups_(problem, layout.lookups),
        step_(ptrdiff_t{layout.step_w} * problem.shape.in_c),
        lookups_(layout.lookups) {}

  void operator()(const uint8_t* from, int32_t pixels, uint8_t* to) const {
    const GroupBytes groups = groups_;  // a copy: stores of bytes might alias the members
    for (int32_t j = 0; j < lookups_; j += 64) {
      __mmask64 lanes[kGroup];
      __m512i codes[kGroup];
      for (int32_t i = 0; i < kGroup; ++i) {
        lanes[i] = groups.lanes(j, i);
        codes[i] = _mm512_slli_epi16(groups.codes(), static_cast<unsigned>(Form::shift(i)));
      }
      const uint8_t* pixel = from + j;
      uint8_t* index = to + ptrdiff_t{j} * kBytes;
      for (int32_t x = 0; x < pixels; ++x, pixel += step_, index += lookups_ * kBytes) {
        const auto code = [&](int32_t i) { return groups.look_up(pixel, i, lanes[i], codes[i]); };
        Form::put(code, groups.lanes(j), index);
      }
    }
  }

 private:
  GroupBytes groups_;
  ptrdiff_t step_;
  int32_t lookups_;
};

}  // namespace
}  // namespace weq::kernels
