#include "bench/rounds.h"

#include <chrono>
#include <cstdint>

#include "converters/report/latency.h"

namespace weq::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr size_t kMinRounds = 3, kMaxRounds = 400, kColdBytes = size_t{96} << 20, kCacheLine = 64;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Other people's data in place of ours in all caches.
void displace(std::vector<uint8_t>* memory) {
  for (size_t i = 0; i < memory->size(); i += kCacheLine) ++(*memory)[i];
}

}  // namespace

std::vector<std::vector<double>> run_rounds(const std::vector<std::function<void()>>& competitors,
                                            const RoundOptions& options) {
  std::vector<uint8_t> other_data(options.cold ? kColdBytes : 0);
  std::vector<std::vector<double>> times(competitors.size());
  const Clock::time_point start = Clock::now();
  for (size_t round = 0; round < kMaxRounds; ++round) {
    if (round >= kMinRounds && milliseconds_since(start) > 1e3 * options.seconds) break;
    for (size_t i = 0; i < competitors.size(); ++i) {
      if (options.cold) {
        displace(&other_data);
      } else {
        competitors[i]();
      }
      const Clock::time_point before = Clock::now();
      competitors[i]();
      times[i].push_back(milliseconds_since(before));
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
