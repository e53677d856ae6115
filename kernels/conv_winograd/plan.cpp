#include "kernels/conv_winograd/plan.h"

#include <algorithm>

namespace weq::kernels {
namespace {

// Bytes of V of a band: with the weights of a block they share the second-level cache.
constexpr int64_t kBandBytes = 256 << 10;

int32_t ceil_div(int32_t n, int32_t by) { return (n + by - 1) / by; }

}  // namespace

WinogradPlan::WinogradPlan(const ConvShape& s, WinogradForm form)
    : square(form != WinogradForm::kRow),
      positions(square ? 16 : 4),
      tile_rows(square ? ceil_div(s.out_h, 2) : s.out_h),
      cols(ceil_div(s.out_w, 2)),
      regions(square ? 1 : s.batch),
      region_rows(square ? s.batch * tile_rows : tile_rows),
      extra_rows(square ? 0 : 2),
      quads(ceil_div(s.in_c, 4)),
      chunks(ceil_div(s.in_c, kWinogradChunk)),
      vectors(ceil_div(s.out_c, 16)),
      groups(ceil_div(s.out_c, kWinogradGroup)),
      form_(form) {
  const int64_t row_bytes = int64_t{positions} * chunks * kWinogradChunk * cols;
  const int64_t most = std::max<int64_t>(kBandBytes / row_bytes - extra_rows, 1);
  bands = static_cast<int32_t>((region_rows + most - 1) / most);
  band_rows = ceil_div(region_rows, bands);
}

int32_t WinogradPlan::runs(int32_t position) const {
  if (form_ == WinogradForm::kRow) return 3;
  if (form_ == WinogradForm::kSquare) return 1;
  const int32_t i = position / 4, j = position % 4;
  return (i == 1 || i == 2) && (j == 1 || j == 2) ? 2 : 1;
}

int32_t WinogradPlan::total_runs() const {
  return form_ == WinogradForm::kRow ? 12 : form_ == WinogradForm::kSquare ? 16 : 20;
}

size_t WinogradPlan::start_bytes() const {
  return size_t(groups) * size_t(corners()) * kWinogradGroup * sizeof(int32_t);
}

}  // namespace weq::kernels
