// Single-precision matrix product on one thread.
#pragma once

#include <cstdint>

namespace weq::convert {

// c[m, n] = alpha * op(a)[m, k] op(b)[k, n] + beta * c; all dense, row-major; op transposes what is
// stored [k, m] (or [n, k]). beta is 0 or 1.
void matrix_product(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k,
                    float alpha, const float* a, const float* b, float beta, float* c);

}  // namespace weq::convert
