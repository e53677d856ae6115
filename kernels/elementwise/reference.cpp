#include "kernels/elementwise/elementwise.h"

namespace weq::kernels {
namespace {

template <class Combine>
void each(const PairTile& tile, Combine combine) {
  for (int32_t r = 0; r < tile.rows; ++r) {
    for (int32_t c = 0; c < tile.columns; ++c) {
      combine(r, c, tile.a[r * tile.a_row + c * tile.a_step],
              tile.b[r * tile.b_row + c * tile.b_step]);
    }
  }
}

void add(const PairTile& tile, const AddTerms& terms, int32_t* v) {
  each(tile, [&](int32_t r, int32_t c, uint8_t a, uint8_t b) {
    const int64_t sum = int64_t{terms.factor_a} * terms.a->level[a] +
                        int64_t{terms.factor_b} * terms.b->level[b] + terms.addend;
    v[int64_t{r} * tile.columns + c] = static_cast<int32_t>(sum);
  });
}

void multiply(const PairTile& tile, const MultiplyTerms& terms, int32_t* v) {
  const int32_t round = terms.pre_shift > 0 ? 1 << (terms.pre_shift - 1) : 0;
  each(tile, [&](int32_t r, int32_t c, uint8_t a, uint8_t b) {
    const int32_t product = terms.a->level[a] * terms.b->level[b];
    const int32_t shifted = (product + round) >> terms.pre_shift;
    v[int64_t{r} * tile.columns + c] = shifted * terms.multiplier + terms.addend;
  });
}

void minimum(const PairTile& tile, uint8_t* out, ptrdiff_t out_row) {
  each(tile,
       [&](int32_t r, int32_t c, uint8_t a, uint8_t b) { out[r * out_row + c] = a < b ? a : b; });
}

void maximum(const PairTile& tile, uint8_t* out, ptrdiff_t out_row) {
  each(tile,
       [&](int32_t r, int32_t c, uint8_t a, uint8_t b) { out[r * out_row + c] = a > b ? a : b; });
}

}  // namespace

const ElementwiseKernel elementwise_reference = {
    "elementwise_reference", Isa::kScalar, true, add, multiply, minimum, maximum};

}  // namespace weq::kernels
