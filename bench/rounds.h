// Competitors in turn in one process, so that drifts of the machine meet all alike.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace weq::bench {

// Runs something once and gives the milliseconds that count.
using TimedRun = std::function<double()>;
// All of `run` counts. With one thread, its CPU time: the same on an idle machine, and neighbours
// count less on others.
TimedRun clocked(std::function<void()> run, int threads);

// What stands in the caches when a run is timed. Cold: other people's data, more than any cache
// holds. Else what a loop of the same run leaves: it goes once untimed.
class Displacer {
 public:
  explicit Displacer(bool cold);
  void before(const TimedRun& run);

 private:
  std::vector<uint8_t> other_data_;  // empty: not cold
};

struct RoundOptions {
  double seconds = 6;  // of measuring, all together; at least 3 rounds
  bool cold = false;
};

// Milliseconds, [competitor][round].
std::vector<std::vector<double>> run_rounds(const std::vector<TimedRun>& competitors,
                                            const RoundOptions& options);

// other / own round by round: its median, and (p90 - p10) / median.
struct Ratio {
  double median = 0, spread = 0;
};
Ratio ratio_of(const std::vector<double>& other, const std::vector<double>& own);

}  // namespace weq::bench
