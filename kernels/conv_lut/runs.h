// How many lookups in a row each block of channels adds in bytes.
#pragma once

#include "kernels/conv_lut/layout.h"

namespace weq::kernels {

inline constexpr int32_t kLongestRun = 255;

// Fills the runs of packed weights from their panels: from the first lookup on, each run takes what
// fits, that is, while span * (sum of |Lw|) <= 255 for every channel of the block (flush.h). On
// trained weights they are a third longer than ConvBounds' flush, which holds for any window of any
// channel; with it at 1 or more, no single lookup overflows.
void lut_find_runs(const ConvProblem& problem, const LutForm& form, uint8_t* packed);

// How long runs become on trained weights for a bound of ConvBounds.
inline double lut_usual_run(int32_t flush) { return 1.3 * flush; }

// Average length when as many lookups as `run` usually fit but segments end runs, too.
double lut_mean_run(const LutLayout& layout, double run);

}  // namespace weq::kernels
