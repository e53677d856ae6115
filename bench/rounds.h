// Competitors in turn in one process, so that drifts of the machine meet all alike.
#pragma once

#include <functional>
#include <vector>

namespace weq::bench {

struct RoundOptions {
  double seconds = 6;  // of measuring, all together; at least 3 rounds
  // Before each timed run. Cold: more than any cache holds is touched; else the same competitor
  // runs once untimed, so that caches hold what they hold in a loop of it.
  bool cold = false;
};

// Milliseconds, [competitor][round].
std::vector<std::vector<double>> run_rounds(const std::vector<std::function<void()>>& competitors,
                                            const RoundOptions& options);

// other / own round by round: its median, and (p90 - p10) / median.
struct Ratio {
  double median = 0, spread = 0;
};
Ratio ratio_of(const std::vector<double>& other, const std::vector<double>& own);

}  // namespace weq::bench
