#include "kernels/pool/pool.h"

namespace weq::kernels {
namespace {

void maximum(const WindowRun& run, uint8_t* out) {
  for (int32_t w = 0; w < run.windows; ++w) {
    const uint8_t* x = run.x + w * run.step;
    for (int32_t c = 0; c < run.channels; ++c) {
      uint8_t best = 0;
      for (int32_t i = 0; i < run.rows; ++i) {
        for (int32_t j = 0; j < run.columns; ++j) {
          const uint8_t byte = x[i * run.row_stride + j * run.column_stride + c];
          if (byte > best) best = byte;
        }
      }
      out[w * run.out_step + c] = best;
    }
  }
}

void average(const WindowRun& run, const AverageTerms& terms, int32_t* v) {
  for (int32_t w = 0; w < run.windows; ++w) {
    const uint8_t* x = run.x + w * run.step;
    for (int32_t c = 0; c < run.channels; ++c) {
      int64_t sum = 0;
      for (int32_t i = 0; i < run.rows; ++i) {
        for (int32_t j = 0; j < run.columns; ++j) {
          sum += terms.map->level[x[i * run.row_stride + j * run.column_stride + c]];
        }
      }
      v[w * run.out_step + c] = static_cast<int32_t>(sum * terms.multiplier + terms.addend);
    }
  }
}

}  // namespace

const PoolKernel pool_reference = {"pool_reference", Isa::kScalar, true, maximum, average};

}  // namespace weq::kernels
