#include "converters/report/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace weq::convert {
namespace {

std::string duration_text(double seconds) {
  const auto whole = static_cast<int64_t>(seconds + 0.5);
  if (whole < 60) return std::to_string(whole) + " s";
  return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
}

}  // namespace

ProgressBar::ProgressBar() : terminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

void ProgressBar::update(const std::string& stage, int64_t done, int64_t total) {
  const Clock::time_point now = Clock::now();
  if (stage != stage_) {
    clear();
    stage_ = stage;
    start_ = last_ = now;
  }
  const double interval = terminal_ ? 0.1 : 30;
  if (std::chrono::duration<double>(now - last_).count() < interval) return;
  last_ = now;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double share =
      total > 0 ? std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0) : 0;
  std::string left;
  if (share > 0) left = ", " + duration_text(elapsed / share - elapsed) + " left";
  if (!terminal_) {
    std::fprintf(stderr, "%s: %lld of %lld%s\n", stage.c_str(), static_cast<long long>(done),
                 static_cast<long long>(total), left.c_str());
    return;
  }
  constexpr int kWidth = 30;
  std::string bar(static_cast<size_t>(kWidth * share), '#');
  bar.resize(kWidth, '.');
  std::fprintf(stderr, "\r\033[K%-14s [%s] %lld/%lld%s", stage.c_str(), bar.c_str(),
               static_cast<long long>(done), static_cast<long long>(total), left.c_str());
  drawn_ = true;
}

}  // namespace weq::convert
