#include "kernels/conv_winograd/winograd4.h"

#include <algorithm>

#include "kernels/conv_winograd/range.h"

namespace weq::kernels {
namespace {

int32_t ceil_div(int32_t n, int32_t by) { return (n + by - 1) / by; }
int32_t padded(int32_t n, int32_t to) { return ceil_div(n, to) * to; }

constexpr int64_t kLimit = int64_t{1} << 25;
constexpr int64_t kEarlyBytes = 600 << 10;  // of U

// Of weight * stored byte.
bool sums_fit(const ConvProblem& problem) {
  const int64_t max_byte = int64_t{problem.input->max_level} + problem.input->offset;
  return max_byte == 0 || problem.bounds.max_one_sign <= (kLimit - 1) / max_byte;
}

}  // namespace

Winograd4Plan::Winograd4Plan(const ConvShape& s, int32_t group_channels)
    : parts(s.groups),
      in_c(s.in_c / parts),
      out_c(s.out_c / parts),
      tiles_h(ceil_div(s.out_h, 4)),
      tiles_w(ceil_div(s.out_w, 4)),
      pairs(ceil_div(in_c, 2)),
      chunks(ceil_div(pairs, kWinograd4ChunkPairs)),
      group(group_channels),
      groups(ceil_div(out_c, group)),
      channels(padded(in_c, kWinograd4Channels)),
      out_channels(groups * group),
      made_early(int64_t{out_channels} * pairs * 144 <= kEarlyBytes),
      tiles(int64_t{s.batch} * tiles_h * tiles_w),
      blocks((tiles + kWinograd4Tiles - 1) / kWinograd4Tiles),
      row(padded(channels, 32) + 32) {}

const char* winograd4_refuse(const ConvProblem& problem) {
  if (!is_winograd_shape(problem.shape)) return "not 3x3 with stride 1, groups of 32 inputs";
  if (!problem.input->byte_is_level) return "the input holds code bytes, not level bytes";
  return sums_fit(problem) ? nullptr : "sums of 2^25 and more";
}

size_t winograd4_packed_bytes(const ConvProblem& problem, int32_t group) {
  const Winograd4Plan plan(problem.shape, group);
  return size_t(plan.parts) * plan.part_bytes();
}

int64_t winograd4_items(const ConvProblem& problem) {
  const Winograd4Plan plan(problem.shape, kWinograd4Channels);
  return plan.parts * plan.blocks * ceil_div(plan.out_c, kWinograd4Item);
}

size_t winograd4_workspace_bytes(const ConvProblem& problem, int32_t group) {
  const Winograd4Plan plan(problem.shape, group);
  return plan.v_bytes() + plan.u_bytes() + plan.sums_bytes() + plan.acc_bytes();
}

double winograd4_cost(const ConvProblem& problem, int32_t group, double macs_per_cycle) {
  const Winograd4Plan plan(problem.shape, group);
  const auto tiles = double(plan.tiles);
  const double weights = 2.0 * plan.pairs * plan.out_channels;
  const double products = tiles * kWinograd4Positions * weights / macs_per_cycle;
  const double making = plan.made_early ? 0 : double(plan.blocks) * weights * 6.0;
  const double narrow = 16.0 / group;
  const double calls = tiles * plan.groups * kWinograd4Positions * 4.0;
  const double transforms =
      tiles * (plan.channels * (8.0 + 12.0 * narrow) + 16.0 * plan.out_channels * (1.0 + narrow));
  return plan.parts * (products + making + calls + transforms) + 2000.0;
}

}  // namespace weq::kernels
