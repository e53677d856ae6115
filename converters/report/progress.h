// A progress bar with an estimate of the time left, on stderr: stdout belongs to results. Redrawn
// in place on a terminal; elsewhere silent, but for a line every half minute of slow work.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace weq::convert {

class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();  // clears the line
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  // A new `stage` starts a new bar.
  void update(const std::string& stage, int64_t done, int64_t total);

 private:
  using Clock = std::chrono::steady_clock;
  void clear();
  bool terminal_;
  bool drawn_ = false;
  std::string stage_;
  Clock::time_point start_, last_;
};

}  // namespace weq::convert
