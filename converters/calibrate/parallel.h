// Parallel loops of the converter. Work is split by output (an image, a channel), never by
// reduction, so results do not depend on the thread count.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace weq::convert {

// body(index, thread) for 0 <= index < count, on up to `threads` OpenMP threads. The first
// exception (by index) is thrown again on the calling thread; what follows it is not begun.
template <class Body>
void parallel_over(int64_t count, int threads, const Body& body) {
  std::exception_ptr error;
  std::atomic<int64_t> error_index{count};
#pragma omp parallel num_threads(threads)
  {
#ifdef _OPENMP
    const int thread = omp_get_thread_num();
#else
    const int thread = 0;
#endif
#pragma omp for schedule(dynamic, 1)
    for (int64_t i = 0; i < count; ++i) {
      if (i > error_index) continue;  // all before a failing index have begun: the first one wins
      try {
        body(i, thread);
      } catch (...) {
#pragma omp critical
        if (i < error_index) {
          error_index = i;
          error = std::current_exception();
        }
      }
    }
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace weq::convert
