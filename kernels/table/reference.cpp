#include "kernels/table/table.h"

namespace weq::kernels {
namespace {

void run(const uint8_t* x, const uint8_t* table, int64_t count, uint8_t* y) {
  for (int64_t i = 0; i < count; ++i) y[i] = table[x[i]];
}

}  // namespace

const TableKernel table_reference = {"table_reference", Isa::kScalar, run};

void table_per_channel(const uint8_t* x, const uint8_t* tables, int64_t rows, int64_t channels,
                       uint8_t* y) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < channels; ++c) {
      y[r * channels + c] = tables[256 * c + x[r * channels + c]];
    }
  }
}

}  // namespace weq::kernels
