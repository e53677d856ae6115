// oneDNN divides work over OpenMP's threads, and chooses blockings (hence the order of sums) by
// their number. Within the life of a OneThread, the calling thread counts one.
#pragma once

#include <omp.h>

namespace weq::convert {

class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

}  // namespace weq::convert
