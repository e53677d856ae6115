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
      side_y(form == WinogradForm::kStrided ? 3
             : square                       ? 4
                                            : 1),
      side_x(form == WinogradForm::kStrided ? 3 : 4),
      positions(side_y * side_x),
      planes(form == WinogradForm::kStrided ? 25 : positions),
      lines_y(form == WinogradForm::kStrided ? 5 : side_y),
      lines_x(form == WinogradForm::kStrided ? 5 : side_x),
      tile_rows(square ? ceil_div(s.out_h, 2) : s.out_h),
      cols(ceil_div(s.out_w, 2)),
      regions(square && form != WinogradForm::kFive ? 1 : s.batch),
      region_rows(s.batch / regions * tile_rows),
      extra_rows(form == WinogradForm::kFive ? 1
                 : square                    ? 0
                                             : 2),
      v_cols(form == WinogradForm::kFive ? cols + 1 : cols),
      parts(s.groups),
      in_c(s.in_c / parts),
      out_c(s.out_c / parts),
      quads(ceil_div(in_c, 4)),
      chunks(ceil_div(in_c, kWinogradChunk)),
      vectors(ceil_div(out_c, 16)),
      groups(ceil_div(out_c, kWinogradGroup)),
      weight_planes(form == WinogradForm::kRow           ? 12
                    : form == WinogradForm::kSquareSplit ? 20
                    : form == WinogradForm::kFive        ? 49
                                                         : 16),
      form_(form) {
  const int64_t row_bytes = int64_t{planes} * chunks * kWinogradChunk * v_cols;
  const int64_t most = std::max<int64_t>(kBandBytes / row_bytes - extra_rows, 1);
  bands = static_cast<int32_t>((region_rows + most - 1) / most);
  band_rows = ceil_div(region_rows, bands);
}

int32_t WinogradPlan::runs(int32_t position) const {
  const int32_t i = position / side_x, j = position % side_x;
  switch (form_) {
    case WinogradForm::kSquare:
      return 1;
    case WinogradForm::kSquareSplit:
      return (i == 1 || i == 2) && (j == 1 || j == 2) ? 2 : 1;
    case WinogradForm::kRow:
      return 3;
    case WinogradForm::kStrided:
      return (i == 1 ? 1 : 2) * (j == 1 ? 1 : 2);
    case WinogradForm::kFive:
      return (i == 3 ? 1 : 2) * (j == 3 ? 1 : 2);
  }
  return 0;
}

void WinogradPlan::list_weights(int32_t position, uint8_t* planes) const {
  if (form_ != WinogradForm::kStrided) {
    int32_t plane = 0;
    for (int32_t p = 0; p < position; ++p) plane += runs(p);
    for (int32_t r = 0; r < runs(position); ++r) planes[r] = static_cast<uint8_t>(plane + r);
    return;
  }
  // The terms of positions 0, 1, 2 along an axis.
  const int32_t first[4] = {0, 2, 3, 5};
  const int32_t i = position / side_x, j = position % side_x;
  for (int32_t y = first[i]; y < first[i + 1]; ++y) {
    for (int32_t x = first[j]; x < first[j + 1]; ++x)
      *planes++ = static_cast<uint8_t>(4 * kWinogradStridedTap[y] + kWinogradStridedTap[x]);
  }
}

void WinogradPlan::list_terms(int32_t position, ptrdiff_t* terms) const {
  const ptrdiff_t row = ptrdiff_t{v_cols} * kWinogradChunk;
  ptrdiff_t plane = position;
  if (form_ == WinogradForm::kStrided) {
    plane = 0;
    for (int32_t p = 0; p < position; ++p) plane += runs(p);
  }
  for (int32_t r = 0; r < runs(position); ++r) terms[r] = plane * plane_step();
  if (form_ == WinogradForm::kStrided || form_ == WinogradForm::kRow) {
    for (int32_t r = 0; r < runs(position); ++r) terms[r] += r * (square ? plane_step() : row);
  }
  if (form_ != WinogradForm::kFive) return;
  for (int32_t y = position / side_x == 3; y < 2; ++y) {
    for (int32_t x = position % side_x == 3; x < 2; ++x)
      *terms++ += y * row + ptrdiff_t{x} * kWinogradChunk;
  }
}

bool WinogradPlan::is_corner(int32_t position) const {
  const int32_t i = position / side_x, j = position % side_x;
  return (i == 0 || i == side_y - 1) && (j == 0 || j == side_x - 1);
}

size_t WinogradPlan::start_bytes() const {
  return size_t(groups) * size_t(corners()) * kWinogradGroup * sizeof(int32_t);
}

}  // namespace weq::kernels
