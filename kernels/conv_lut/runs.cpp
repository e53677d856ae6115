#include "kernels/conv_lut/runs.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace weq::kernels {
namespace {

// What one lookup adds at most, for each weight index.
void most_added(const ConvProblem& problem, const LutForm& form, int32_t most[256]) {
  const int32_t span = problem.input->max_level - problem.input->min_level;
  for (int32_t index = 0; index < 256; ++index) {
    most[index] = 0;
    int32_t codes = index;
    for (int32_t i = 0; i < form.group; ++i, codes /= form.weight_codes) {
      const int32_t code = codes % form.weight_codes;
      if (code >= problem.weights.level_count) continue;
      most[index] += span * std::abs(int32_t{problem.weights.levels[code]});
    }
  }
}

// Lanes of a block that hold a channel: all, but in the last vector.
int32_t used_lanes(int32_t channels, const LutForm& form, int32_t width, int32_t* lanes) {
  int32_t used = 0;
  for (int32_t lane = 0; lane < width; ++lane) {
    const int32_t in_vector = lane % form.lanes;
    const int32_t channel =
        lane - in_vector + in_vector / 2 + (in_vector % 2 != 0 ? form.lanes / 2 : 0);
    if (channel < channels) lanes[used++] = lane;
  }
  return used;
}

constexpr int32_t kMostLanes = 128;  // of a block

}  // namespace

void lut_find_runs(const ConvProblem& problem, const LutForm& form, uint8_t* packed) {
  const ConvShape& s = problem.shape;
  const LutPacked offsets = lut_packed(s, form);
  const LutLayout layout = lut_layout(s, form.group);
  int32_t most[256];
  most_added(problem, form, most);
  const uint8_t* index = packed + offsets.panels;
  uint8_t* runs = packed + offsets.runs;
  for (int32_t channel = 0; channel < s.out_c; channel += 2 * form.lanes) {
    const int32_t channels = std::min(s.out_c - channel, 2 * form.lanes);
    const int32_t width = channels > form.lanes ? 2 * form.lanes : form.lanes;
    int32_t lanes[kMostLanes], sums[kMostLanes] = {};
    const int32_t used = used_lanes(channels, form, width, lanes);
    uint8_t* run = runs;
    for (int64_t i = 0; i < layout.total_lookups(); ++i, index += width) {
      int32_t largest = 0;
      for (int32_t k = 0; k < used; ++k) {
        sums[k] += most[index[lanes[k]]];
        largest = std::max(largest, sums[k]);
      }
      const bool begins = i % layout.segment == 0 || largest > 255 || *run == kLongestRun;
      if (begins) {
        if (i != 0) ++run;
        for (int32_t k = 0; k < used; ++k) sums[k] = most[index[lanes[k]]];
      }
      ++*run;
    }
    runs += offsets.block_runs;
  }
}

double lut_mean_run(const LutLayout& layout, double run) {
  const auto fit =
      static_cast<int32_t>(std::clamp(run, 1.0, double(std::min(layout.segment, kLongestRun))));
  return layout.segment / double((layout.segment + fit - 1) / fit);
}

}  // namespace weq::kernels
