#include "converters/ops/product.h"

#include <algorithm>
#include <dnnl.hpp>

#include "converters/ops/one_thread.h"

namespace weq::convert {

void matrix_product(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k,
                    float alpha, const float* a, const float* b, float beta, float* c) {
  if (m == 0 || n == 0) return;
  if (k == 0) {
    if (beta == 0) std::fill_n(c, m * n, 0.0f);
    return;
  }
  const OneThread one;
  dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, alpha, a,
             transpose_a ? m : k, b, transpose_b ? k : n, beta, c, n);
}

}  // namespace weq::convert
