#include "bench/rounds.h"

#include <chrono>

#include "bench/core_clock.h"
#include "converters/report/latency.h"

namespace weq::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr size_t kMinRounds = 3, kMaxRounds = 400, kCacheLine = 64;
constexpr size_t kColdBytes = size_t{96} << 20;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

}  // namespace

TimedRun clocked(std::function<void()> run, int threads) {
  if (threads > 1) {
    return [run = std::move(run)] {
      const Clock::time_point start = Clock::now();
      run();
      return milliseconds_since(start);
    };
  }
  return [run = std::move(run)] {
    const double start = seconds();
    run();
    return 1e3 * (seconds() - start);
  };
}

Displacer::Displacer(bool cold) : other_data_(cold ? kColdBytes : 0) {}

void Displacer::before(const TimedRun& run) {
  if (other_data_.empty()) run();
  for (size_t i = 0; i < other_data_.size(); i += kCacheLine) ++other_data_[i];
}

std::vector<std::vector<double>> run_rounds(const std::vector<TimedRun>& competitors,
                                            const RoundOptions& options) {
  Displacer caches(options.cold);
  std::vector<std::vector<double>> times(competitors.size());
  const Clock::time_point start = Clock::now();
  for (size_t round = 0; round < kMaxRounds; ++round) {
    if (round >= kMinRounds && milliseconds_since(start) > 1e3 * options.seconds) break;
    for (size_t i = 0; i < competitors.size(); ++i) {
      caches.before(competitors[i]);
      times[i].push_back(competitors[i]());
    }
  }
  return times;
}

Ratio ratio_of(const std::vector<double>& other, const std::vector<double>& own) {
  std::vector<double> ratios;
  for (size_t i = 0; i < own.size(); ++i) ratios.push_back(other[i] / own[i]);
  const convert::Percentiles p = convert::percentiles(ratios);
  return {p.median, (p.p90 - p.p10) / p.median};
}

}  // namespace weq::bench
