// One line of the transforms of winograd4.h, for vectors of 16-bit (input, weights) or 32-bit
// (output) integers with the operators of a vector extension. Everything wraps.
#pragma once

namespace weq::kernels {
namespace {

// to[0..5] = B^T d.
template <class V>
inline void winograd4_input_line(const V* d, V* to) {
  const V a = d[4] - (d[2] << 2), b = d[3] - (d[1] << 2);
  const V even = d[4] - d[2], half = d[3] - d[1], odd = half + half;
  to[0] = ((d[0] - d[2]) << 2) + even;
  to[1] = a + b;
  to[2] = a - b;
  to[3] = even + odd;
  to[4] = even - odd;
  to[5] = (d[5] - d[3]) - (odd + odd);
}

// to[0..5] = G w.
template <class V>
inline void winograd4_weight_line(const V* w, V* to) {
  const V sum = w[0] + w[2], far = w[0] + (w[2] << 2), twice = w[1] + w[1];
  to[0] = w[0] * 6;
  to[1] = sum + w[1];
  to[2] = sum - w[1];
  to[3] = far + twice;
  to[4] = far - twice;
  to[5] = w[2] * 6;
}

// to[0..3]: 24, 12, 6 and 6 times the outputs of the line.
template <class V>
inline void winograd4_output_line(const V* m, V* to) {
  const V near = m[1] + m[2], far = m[3] + m[4];
  const V near_odd = m[1] - m[2], far_odd = m[3] - m[4];
  to[0] = m[0] + far - (near << 2);
  to[1] = far_odd - (near_odd + near_odd);
  to[2] = far - near;
  to[3] = (far_odd + far_odd) - near_odd + m[5];
}

}  // namespace
}  // namespace weq::kernels
