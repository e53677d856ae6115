#include "kernels/conv_lut/binary.h"

#include <algorithm>
#include <cstdlib>

#include "kernels/conv_lut/runs.h"

namespace weq::kernels {
namespace {

int32_t span_of(const LevelMap& map) { return map.max_level - map.min_level; }

int32_t code_count(int32_t codes, int32_t channels) {
  return channels == 0 ? 1 : codes * code_count(codes, channels - 1);
}

}  // namespace

int32_t lut_binary_flush(const ConvProblem& problem, int32_t group) {
  const int32_t most = group * span_of(*problem.input) * problem.bounds.max_abs_weight;
  return most == 0 ? kLongestRun : std::min(255 / most, kLongestRun);
}

double lut_binary_usual_run(const ConvProblem& problem, int32_t group) {
  const ConvWeights& weights = problem.weights;
  int32_t sum = 0;
  for (int32_t k = 0; k < weights.level_count; ++k) sum += std::abs(int32_t{weights.levels[k]});
  // The channel of a block that adds most ends the run: halfway from the mean to the largest.
  const double weight =
      (double(sum) / weights.level_count + double(problem.bounds.max_abs_weight)) / 2;
  return 255 / std::max(1.0, group * span_of(*problem.input) * weight);
}

void lut_fill_part(const ConvProblem& problem, const LutPart& part, int32_t group, int32_t codes,
                   int32_t row_bytes, uint8_t* tables) {
  const int32_t rows = code_count(codes, part.end - part.first);
  for (int32_t row = 0; row < rows; ++row, tables += row_bytes) {
    for (int32_t byte = 0; byte < row_bytes; ++byte) {
      const int32_t entry = byte & ((1 << group) - 1);
      int32_t sum = 0, rest = row;
      for (int32_t i = part.first; i < part.end; ++i, rest /= codes) {
        sum += lut_term(problem, rest % codes, entry >> i & 1);
      }
      tables[byte] = static_cast<uint8_t>(sum);
    }
  }
}

}  // namespace weq::kernels
