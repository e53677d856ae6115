// Which problems a Winograd convolution takes, and what they cost it.
#include <algorithm>
#include <cstdlib>

#include "kernels/conv_winograd/plan.h"
#include "kernels/conv_winograd/range.h"

namespace weq::kernels {
namespace {

// Largest |acc| that the codes might reach, cheaply.
int64_t sum_bound(const ConvProblem& problem) {
  const int64_t level =
      std::max(std::abs(problem.input->min_level), std::abs(problem.input->max_level));
  return 9 * int64_t{problem.shape.in_c} * problem.bounds.max_abs_weight * level;
}

// Pairs of a tile and a product that it needs; those at odd ends need fewer.
double needed_products(const ConvShape& s, const WinogradPlan& plan) {
  if (!plan.square) return 12.0 * s.batch * s.out_h * plan.cols;
  const double rows = 3.0 * plan.tile_rows + s.out_h / 2, cols = 3.0 * plan.cols + s.out_w / 2;
  const double split = plan.total_runs() - 16;  // second planes, at the centre
  return s.batch * (rows * cols + split * plan.tile_rows * plan.cols);
}

}  // namespace

const char* winograd_refuse(const ConvProblem& problem, WinogradForm form) {
  const bool square = form != WinogradForm::kRow;
  const LevelMap& map = *problem.input;
  const ConvBounds& bounds = problem.bounds;
  if (!is_winograd_shape(problem.shape)) return "not 3x3 with stride and dilation 1, one group";
  if (!map.byte_is_level) return "the input holds code bytes, not level bytes";
  if (map.max_level - map.min_level > (square ? 63 : 127))
    return square ? "the levels span more than 63" : "the levels span more than 127";
  if (bounds.max_abs_weight > 127) return "a weight is -128";
  if (bounds.winograd_line > 127) return "sums of a kernel line exceed 127";
  if (form == WinogradForm::kSquare && bounds.winograd_centre > 127)
    return "sums of a whole kernel exceed 127";
  if (form == WinogradForm::kSquareSplit && bounds.winograd_centre > 254)
    return "sums of a whole kernel exceed 254";
  if (sum_bound(problem) >= int64_t{1} << (square ? 29 : 30)) return "sums leave 29 bits";
  return nullptr;
}

// Fitted on Zen 4 over 24 shapes, within a tenth: one cycle for 64 products; the end of a tile by
// vectors of outputs, its transform by chunks of inputs, the start of each product.
double winograd_cost(const ConvProblem& problem, WinogradForm form) {
  const ConvShape& s = problem.shape;
  const WinogradPlan plan(s, form);
  const double bands = double(plan.regions) * plan.bands;
  const double tiles = double(plan.regions) * plan.region_rows * plan.cols;
  const double v_rows = double(plan.region_rows) / plan.bands + plan.extra_rows;
  const double passes = bands * ((plan.band_tiles() + kWinogradTiles - 1) / kWinogradTiles);
  const double products = needed_products(s, plan) * plan.quads;
  const double alone = plan.vectors % 2 / 8.0;  // a vector without a second waits for loads
  return products * (plan.vectors + alone) + tiles * plan.vectors * (plan.square ? 48.0 : 19.0) +
         bands * v_rows * plan.cols * plan.chunks * (plan.square ? 60.0 : 25.0) +
         28.0 * passes * plan.groups * plan.positions;
}

}  // namespace weq::kernels
