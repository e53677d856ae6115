// parallel_for: the only place with threads. One fork-join over a range of work items, cut into as
// many contiguous parts as there are threads. Results never depend on the cut.
#pragma once

#include <cstdint>
#include <memory>

namespace weq {

// The threads of one session. OpenMP, or std::thread where WEQ_STD_THREAD is defined. Not to be
// used by two threads at once.
class Threads {
 public:
  using Body = void (*)(const void* body, int64_t begin, int64_t end, int thread);

  // Starts the pool by one empty region, so that later regions on this thread allocate nothing.
  explicit Threads(int count);
  ~Threads();
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

  int count() const { return count_; }
  // Calls body(begin, end, thread) on parts of [0, items); thread < count(). Allocates nothing.
  template <class F>
  void parallel_for(int64_t items, const F& body) const {
    if (count_ == 1 || items < 2) {
      if (items > 0) body(int64_t{0}, items, 0);
      return;
    }
    fork(items, &body, [](const void* f, int64_t begin, int64_t end, int thread) {
      (*static_cast<const F*>(f))(begin, end, thread);
    });
  }

 private:
  void fork(int64_t items, const void* closure, Body body) const;
  int count_;
  struct Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace weq
