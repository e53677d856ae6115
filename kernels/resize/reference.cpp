#include "kernels/resize/resize.h"

namespace weq::kernels {
namespace {

void run(const uint8_t* x, int64_t row_bytes, int32_t channels, const LinearTap& vertical,
         const LinearTap* taps, int32_t count, const LinearTerms& terms, int32_t* v) {
  const int32_t* level = terms.map->level;
  const int32_t round = terms.pre_shift > 0 ? 1 << (terms.pre_shift - 1) : 0;
  const uint8_t* top = x + vertical.first * row_bytes;
  const uint8_t* bottom = x + vertical.second * row_bytes;
  const int64_t down = vertical.weight, up = 256 - down;
  for (int32_t i = 0; i < count; ++i) {
    const int64_t left = int64_t{taps[i].first} * channels;
    const int64_t right = int64_t{taps[i].second} * channels;
    const int64_t over = taps[i].weight, back = 256 - over;
    for (int32_t c = 0; c < channels; ++c) {
      const int64_t above = back * level[top[left + c]] + over * level[top[right + c]];
      const int64_t below = back * level[bottom[left + c]] + over * level[bottom[right + c]];
      const int64_t acc = up * above + down * below;
      v[int64_t{i} * channels + c] = static_cast<int32_t>(
          ((acc + round) >> terms.pre_shift) * terms.multiplier + terms.addend);
    }
  }
}

}  // namespace

const ResizeKernel resize_reference = {"resize_reference", Isa::kScalar, true, run};

}  // namespace weq::kernels
