// A convolution with requantization as plain loops in 64 bits on levels, written from
// quantization.md alone: what the tests of the engine compare with.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/support/model_builder.h"

namespace weq::test {

// Levels of a tensor [n, h, w, c].
struct Plane {
  int n = 1, h = 1, w = 1, c = 1;
  std::vector<int64_t> level;

  Plane() = default;
  Plane(int n_, int h_, int w_, int c_) : n(n_), h(h_), w(w_), c(c_) {
    level.resize(static_cast<size_t>(n) * static_cast<size_t>(h) * static_cast<size_t>(w) *
                 static_cast<size_t>(c));
  }
  size_t index(int i, int y, int x, int k) const {
    return ((static_cast<size_t>(i) * static_cast<size_t>(h) + static_cast<size_t>(y)) *
                static_cast<size_t>(w) +
            static_cast<size_t>(x)) *
               static_cast<size_t>(c) +
           static_cast<size_t>(k);
  }
  int64_t at(int i, int y, int x, int k) const { return level[index(i, y, x, k)]; }
};

inline int out_length(int in, int before, int after, int kernel, int dilation, int stride) {
  return (in + before + after - dilation * (kernel - 1) - 1) / stride + 1;
}

// v of every output, before thresholds. Padding counts as level 0.
inline Plane plain_v(const ConvSpec& s, const Plane& in, const Plane* residual) {
  Plane out(in.n, out_length(in.h, s.pads[0], s.pads[2], s.kernel[0], s.dilation[0], s.stride[0]),
            out_length(in.w, s.pads[1], s.pads[3], s.kernel[1], s.dilation[1], s.stride[1]),
            s.out_c);
  const int in_group = s.in_c / s.groups, out_group = s.out_c / s.groups;
  for (int n = 0; n < out.n; ++n)
    for (int y = 0; y < out.h; ++y)
      for (int x = 0; x < out.w; ++x)
        for (int o = 0; o < out.c; ++o) {
          int64_t acc = 0;
          for (int r = 0; r < s.kernel[0]; ++r)
            for (int q = 0; q < s.kernel[1]; ++q)
              for (int i = 0; i < in_group; ++i) {
                const int yy = y * s.stride[0] - s.pads[0] + r * s.dilation[0];
                const int xx = x * s.stride[1] - s.pads[1] + q * s.dilation[1];
                if (yy < 0 || yy >= in.h || xx < 0 || xx >= in.w) continue;
                const int code = s.codes[static_cast<size_t>(
                    ((o * s.kernel[0] + r) * s.kernel[1] + q) * in_group + i)];
                acc += s.levels[static_cast<size_t>(code)] *
                       in.at(n, yy, xx, o / out_group * in_group + i);
              }
          const int64_t round = s.pre_shift == 0 ? 0 : int64_t{1} << (s.pre_shift - 1);
          int64_t v = ((acc + round) >> s.pre_shift) * s.multiplier[static_cast<size_t>(o)] +
                      s.addend[static_cast<size_t>(o)];
          if (residual != nullptr) v += s.residual_factor * residual->at(n, y, x, o);
          out.level[out.index(n, y, x, o)] = v;
        }
  return out;
}

inline int64_t plain_code(int64_t v, const std::vector<int32_t>& thresholds) {
  int64_t code = 0;
  for (int32_t t : thresholds) code += v >= t;
  return code;
}

// Levels of an output: the code that v reaches, then its level.
inline Plane plain_levels(const Plane& v, const std::vector<int32_t>& thresholds,
                          const std::vector<int32_t>& levels) {
  Plane out = v;
  for (int64_t& value : out.level)
    value = levels[static_cast<size_t>(plain_code(value, thresholds))];
  return out;
}

}  // namespace weq::test
