// Epilogues of a single output whose thresholds have a fast form, as converted networks have them:
// kernels that requantize in registers take these alone.
#pragma once

#include "tests/support/conv_cases.h"

namespace weq::test {

// Equidistant thresholds of up to 256 codes.
inline std::vector<int32_t> linear_thresholds(Random& random, int64_t reach, int32_t* codes) {
  *codes = random.of<int32_t>({2, 16, 100, 256});
  int32_t shift = 0;
  while (shift < 22 && int64_t{*codes} << shift < reach) ++shift;
  std::vector<int32_t> values;
  for (int32_t k = 1; k < *codes; ++k) {
    values.push_back(static_cast<int32_t>((int64_t{k} << shift) - ((int64_t{1} << shift) >> 1)));
  }
  return values;
}

// 14 thresholds at half octaves that end near `reach`.
inline std::vector<int32_t> log_thresholds(Random& random, int64_t reach, int32_t* codes) {
  *codes = 15;
  std::vector<int32_t> values;
  int32_t top = 10;
  while (top < 28 && int64_t{2} << top < reach) ++top;
  top -= random.int32(0, 2);
  for (int32_t k = 14; k > 0; --k) {
    const int32_t e = top - k / 2;
    values.push_back(e < 3 ? 9 + 14 - k : (k % 2 ? 10 : 14) << (e - 3));
  }
  return values;
}

// False where the thresholds turned out to have another form.
inline bool use_form(Random& random, ConvCase* c, kernels::ThresholdForm form) {
  const bool linear = form == kernels::ThresholdForm::kLinear;
  kernels::Epilogue& e = c->epilogue;
  int64_t largest = 1;
  for (int32_t m : c->multiplier) largest = std::max<int64_t>(largest, std::abs(int64_t{m}));
  const int64_t acc =
      kernels::max_abs_acc(c->problem.shape, c->problem.weights, c->input_map, nullptr);
  const int64_t reach = std::max<int64_t>(2, (acc >> e.pre_shift) * largest >> random.int32(0, 4));
  int32_t codes = 0;
  c->thresholds[0] =
      linear ? linear_thresholds(random, reach, &codes) : log_thresholds(random, reach, &codes);
  std::vector<int32_t> levels;
  for (int32_t k = 0; k < codes; ++k) levels.push_back(linear ? k : 4 * k);
  c->output_map[0] = make_level_map(levels, true, 0);
  e.outputs = 1;
  e.pre_shift = 0;
  e.residual_factor = 0;
  kernels::prepare_thresholds(c->thresholds[0].data(), codes - 1, c->output_map[0],
                              int64_t{1} << 30, &e.output[0]);
  return e.output[0].form == form;
}

}  // namespace weq::test
