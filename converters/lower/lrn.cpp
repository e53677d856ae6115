// LRN: y = x / (bias + alpha / size * sum of squares)^beta. The factor is a table over a grid of
// the sum of squared levels (weq.fbs, LocalResponse).
#include <algorithm>
#include <cmath>

#include "converters/lower/list.h"

namespace weq::convert {
namespace {

constexpr int kCells = 128, kCellsPerOctave = 8;
constexpr int kFactorOne = 32767;

// Exponent and mantissa bits of a float, as the runtime forms the cell of a sum: bits >> 20.
int cell_of(double sum) {
  int exponent = 0;
  const double mantissa = std::frexp(sum, &exponent) * 2;  // [1, 2)
  return (exponent - 1 + 127) * kCellsPerOctave + static_cast<int>((mantissa - 1) * 8);
}

// The middle of a cell.
double cell_centre(int cell) {
  const double low = std::ldexp(1 + (cell % kCellsPerOctave) / 8.0, cell / kCellsPerOctave - 127);
  return low * (1 + 0.5 / (8 + cell % kCellsPerOctave));
}

}  // namespace

void lower_lrn(Lowering& to, const Node& node) {
  const int input = to.tensor(node.inputs[0]);
  const double unit = to.unit(input);
  const LevelRange range = to.level_range(input);
  const int64_t size = node.get_int("size", 1);
  const double alpha = static_cast<double>(node.get_float("alpha", 1e-4f));
  const double beta = static_cast<double>(node.get_float("beta", 0.75f));
  const double bias = static_cast<double>(node.get_float("bias", 1.0f));
  const int64_t largest = std::max(std::abs(int64_t{range.low}), int64_t{range.high});

  format::LocalResponseT lrn;
  lrn.size = static_cast<uint8_t>(size);
  const double most = static_cast<double>(std::max<int64_t>(1, size * largest * largest));
  lrn.base = std::max(0, cell_of(most) - (kCells - 1));
  const auto factor = [&](double sum) {
    return std::pow(bias + alpha / static_cast<double>(size) * sum * unit * unit, -beta);
  };
  const double top = factor(0);
  for (int cell = 0; cell < kCells; ++cell) {
    const double sum = cell == 0 && lrn.base == 0 ? 0 : cell_centre(lrn.base + cell);
    lrn.factors.push_back(
        static_cast<uint16_t>(std::lround(std::clamp(factor(sum) / top, 0.0, 1.0) * kFactorOne)));
  }
  const RequantizeFit fit = fit_scalar(unit * top / kFactorOne, 0.0, range.low * kFactorOne,
                                       range.high * kFactorOne, to.fit_outputs(node));
  Lowering::set_scalar(fit, &lrn);
  to.add(node.name, std::move(lrn), {input}, {to.define(node.outputs[0], fit.unit)});
}

}  // namespace weq::convert
