// Core cycles from elapsed time. The time-stamp counter does not follow the core's clock, so the
// clock is measured by a chain of dependent additions, one cycle each.
#pragma once

#include <time.h>

#include <cstdint>

namespace weq::bench {

// CPU time of this thread, so that neighbours on the machine count less.
inline double seconds() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

// Cycles per second of this core now; takes about 0.1 ms.
inline double core_hertz() {
  constexpr int64_t kSteps = 20000, kUnroll = 16;
  double best = 0;
  for (int round = 0; round < 3; ++round) {
    const double start = seconds();
    uint64_t x = 1;
    for (int64_t i = 0; i < kSteps; ++i) {
#if defined(__x86_64__)
      // Registers: an addition of an immediate may be done at rename on newer cores.
      uint64_t one = 1;
      asm volatile(
          "add %1, %0\n\tadd %1, %0\n\tadd %1, %0\n\tadd %1, %0\n\t"
          "add %1, %0\n\tadd %1, %0\n\tadd %1, %0\n\tadd %1, %0\n\t"
          "add %1, %0\n\tadd %1, %0\n\tadd %1, %0\n\tadd %1, %0\n\t"
          "add %1, %0\n\tadd %1, %0\n\tadd %1, %0\n\tadd %1, %0\n\t"
          : "+r"(x)
          : "r"(one));
#else
      for (int64_t j = 0; j < kUnroll; ++j) asm volatile("" : "+r"(++x));
#endif
    }
    const double elapsed = seconds() - start;
    const double hertz = double(kSteps * kUnroll) / elapsed;
    if (hertz > best) best = hertz;
  }
  return best;
}

}  // namespace weq::bench
