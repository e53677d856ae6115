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
  const int32_t inputs = problem.shape.in_c / problem.shape.groups;
  return int64_t{problem.shape.kernel_h} * problem.shape.kernel_w * inputs *
         problem.bounds.max_abs_weight * level;
}

struct Rates {
  double input, end;  // cycles of a tile by 64 channels of input, by 16 channels of output
};
constexpr Rates kRates[] = {{60, 48}, {60, 48}, {25, 19}, {100, 36}, {60, 48}};  // by form

// Pairs of a tile and a product that it needs; those at odd ends need fewer.
double needed_products(const ConvShape& s, const WinogradPlan& plan, WinogradForm form) {
  if (form == WinogradForm::kRow) return 12.0 * s.batch * s.out_h * plan.cols;
  const double last = form == WinogradForm::kStrided ? 2 : 1;  // of a line of positions
  const double others = form == WinogradForm::kFive ? 6 : 3;
  const double rows = others * plan.tile_rows + last * (s.out_h / 2);
  const double cols = others * plan.cols + last * (s.out_w / 2);
  const double split = form == WinogradForm::kSquareSplit ? 4 : 0;  // second planes, at the centre
  return s.batch * (rows * cols + split * plan.tile_rows * plan.cols);
}

int32_t all_runs(const WinogradPlan& plan) {
  int32_t runs = 0;
  for (int32_t p = 0; p < plan.positions; ++p) runs += plan.runs(p);
  return runs;
}

bool is_strided_shape(const ConvShape& s) {
  return s.kernel_h == 3 && s.kernel_w == 3 && s.stride_h == 2 && s.stride_w == 2 &&
         s.dilation_h == 1 && s.dilation_w == 1 && has_winograd_groups(s);
}

const char* refuse_weights(const ConvProblem& problem, WinogradForm form) {
  const ConvBounds& bounds = problem.bounds;
  if (form == WinogradForm::kStrided)
    return 4 * bounds.max_abs_weight > 127 ? "weights exceed 31" : nullptr;
  if (bounds.max_abs_weight > 127) return "a weight is -128";
  if (bounds.winograd_line > 127) return "sums of a kernel line exceed 127";
  if ((form == WinogradForm::kSquare || form == WinogradForm::kFive) &&
      bounds.winograd_centre > 127)
    return "sums of a whole kernel exceed 127";
  if (form == WinogradForm::kSquareSplit && bounds.winograd_centre > 254)
    return "sums of a whole kernel exceed 254";
  if (sum_bound(problem) >= int64_t{1} << (form == WinogradForm::kRow ? 30 : 29))
    return "sums may exceed 29 bits";
  return nullptr;
}

}  // namespace

const char* winograd_refuse(const ConvProblem& problem, WinogradForm form) {
  const LevelMap& map = *problem.input;
  if (form == WinogradForm::kStrided) {
    if (!is_strided_shape(problem.shape))
      return "not 3x3 with stride 2, dilation 1, groups of 32 inputs";
  } else if (form == WinogradForm::kFive) {
    if (!is_winograd5_shape(problem.shape))
      return "not 5x5 with stride and dilation 1, groups of 32 inputs";
  } else if (!is_winograd_shape(problem.shape)) {
    return "not 3x3 with stride and dilation 1, groups of 32 inputs";
  }
  if (!map.byte_is_level) return "the input holds code bytes, not level bytes";
  const int32_t span = map.max_level - map.min_level;
  if (form == WinogradForm::kRow && span > 127) return "the levels span more than 127";
  if (form != WinogradForm::kRow && span > 63) return "the levels span more than 63";
  return refuse_weights(problem, form);
}

bool winograd_doubled(const ConvProblem& problem, WinogradForm form) {
  const ConvBounds& bounds = problem.bounds;
  if (form == WinogradForm::kStrided) return false;
  if (form == WinogradForm::kRow) return 2 * bounds.max_abs_weight <= 127;
  return 4 * bounds.max_abs_weight <= 127 && 2 * bounds.winograd_line <= 127;
}

// Fitted on Zen 4 over 24 shapes, within a tenth: one cycle for 64 products; the end of a tile by
// vectors of outputs, its transform by chunks of inputs, the start of each product and of its
// further terms.
double winograd_cost(const ConvProblem& problem, WinogradForm form) {
  const ConvShape& s = problem.shape;
  const WinogradPlan plan(s, form);
  const double bands = double(plan.regions) * plan.bands;
  const double tiles = double(plan.regions) * plan.region_rows * plan.cols;
  const double v_rows = double(plan.region_rows) / plan.bands + plan.extra_rows;
  const double strips = plan.in_strips() ? double(plan.regions) * plan.region_rows : bands;
  const int32_t strip = plan.in_strips() ? plan.cols : plan.band_tiles();
  const double passes = strips * ((strip + kWinogradTiles - 1) / kWinogradTiles);
  const double products = needed_products(s, plan, form) * plan.quads;
  const double alone = plan.vectors % 2 / 8.0;  // a vector without a second waits for loads
  const Rates& rates = kRates[static_cast<int>(form)];
  const double starts = 28.0 * plan.positions + 15.0 * (all_runs(plan) - plan.positions);
  const double part = products * (plan.vectors + alone) + tiles * plan.vectors * rates.end +
                      bands * v_rows * plan.v_cols * plan.chunks * rates.input +
                      passes * plan.groups * starts;
  return plan.parts * part;
}

}  // namespace weq::kernels
