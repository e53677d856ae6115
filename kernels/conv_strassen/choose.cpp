// Which problems Strassen's product takes, what they cost it, and how they are cut up.
#include <algorithm>

#include "kernels/conv_strassen/strassen.h"

namespace weq::kernels {
namespace {

// Bytes of S of a band: with the weights of a group they share the second-level cache.
constexpr int64_t kBandBytes = 256 << 10;

bool is_product(const ConvShape& s) {
  return s.kernel_h == 1 && s.kernel_w == 1 && s.groups == 1 && s.pad_top == 0 && s.pad_left == 0 &&
         (s.out_h - 1) * s.stride_h < s.in_h && (s.out_w - 1) * s.stride_w < s.in_w;
}

}  // namespace

StrassenPlan::StrassenPlan(const ConvShape& s)
    : pixels(int64_t{s.batch} * s.out_h * s.out_w),
      tiles((pixels + 1) / 2),
      quads(s.in_c / 8),
      chunks((s.in_c / 2 + kWinogradChunk - 1) / kWinogradChunk),
      half_in(s.in_c / 2),
      half_out(s.out_c / 2),
      groups(s.out_c / 2 / kWinogradGroup) {
  const int64_t tile_bytes = int64_t{kStrassenProducts} * chunks * kWinogradChunk;
  const int64_t most = std::max<int64_t>(kBandBytes / tile_bytes, kWinogradTiles);
  bands = (tiles + most - 1) / most;
  band_tiles = static_cast<int32_t>((tiles + bands - 1) / bands);
}

StrassenOffsets::StrassenOffsets(const LevelMap& map) {
  const int32_t span = map.max_level - map.min_level;
  of[0] = of[1] = of[3] = map.offset;
  of[2] = 2 * span;
  of[4] = -2 * map.min_level;
  of[5] = span - map.min_level;
  of[6] = span;
}

const char* strassen_refuse(const ConvProblem& problem) {
  const ConvShape& s = problem.shape;
  if (!is_product(s)) return "not 1x1 without padding, one group";
  if (!problem.input->byte_is_level) return "the input holds code bytes, not level bytes";
  if (s.in_c % 8 != 0) return "input channels not a multiple of 8";
  if (s.out_c % (2 * kWinogradGroup) != 0) return "output channels not a multiple of 64";
  if (problem.input->max_level - problem.input->min_level > 63)
    return "the levels span more than 63";
  if (4 * problem.bounds.max_abs_weight > 127) return "weights exceed 31";
  return nullptr;
}

// Fitted on Zen 4 like winograd_cost; a gain below 4 % is not worth weights of 7/4 the size.
constexpr double kHandicap = 1.04;

double strassen_cost(const ConvProblem& problem) {
  const StrassenPlan plan(problem.shape);
  const double tiles = double(plan.tiles), vectors = 2.0 * plan.groups;
  const double passes =
      double(plan.bands) * ((plan.band_tiles + kWinogradTiles - 1) / kWinogradTiles);
  return kHandicap * (tiles * vectors * (kStrassenProducts * plan.quads + 38.0) +
                      tiles * plan.chunks * 35.0 + 20.0 * passes * plan.groups * kStrassenProducts);
}

size_t strassen_packed_bytes(const ConvProblem& problem) {
  return StrassenPlan(problem.shape).packed_bytes();
}

int64_t strassen_items(const ConvProblem& problem) {
  const StrassenPlan plan(problem.shape);
  return plan.bands * plan.groups;
}

}  // namespace weq::kernels
