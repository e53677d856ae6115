#include "engine/runtime/parallel.h"

#ifdef WEQ_STD_THREAD
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>
#else
#include <omp.h>
#endif

namespace weq {
namespace {

void run_part(const void* closure, Threads::Body body, int64_t items, int part, int parts) {
  const int64_t begin = items * part / parts, end = items * (part + 1) / parts;
  if (begin < end) body(closure, begin, end, part);
}

}  // namespace

#ifdef WEQ_STD_THREAD

// Workers wait for a generation number to change; the caller runs part 0 and waits for the rest.
struct Threads::Pool {
  explicit Pool(int count) : parts(count) {
    for (int part = 1; part < count; ++part) workers.emplace_back([this, part] { work(part); });
  }
  ~Pool() {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      stop = true;
    }
    start.notify_all();
    for (std::thread& worker : workers) worker.join();
  }
  void work(int part) {
    uint64_t seen = 0;
    for (;;) {
      std::unique_lock<std::mutex> lock(mutex);
      start.wait(lock, [&] { return stop || generation != seen; });
      if (stop) return;
      seen = generation;
      lock.unlock();
      run_part(closure, body, items, part, parts);
      lock.lock();
      if (--running == 0) done.notify_one();
    }
  }
  void fork(int64_t new_items, const void* new_closure, Body new_body) {
    std::unique_lock<std::mutex> lock(mutex);
    items = new_items;
    closure = new_closure;
    body = new_body;
    running = parts - 1;
    ++generation;
    lock.unlock();
    start.notify_all();
    run_part(new_closure, new_body, new_items, 0, parts);
    lock.lock();
    done.wait(lock, [&] { return running == 0; });
  }

  const int parts;
  std::vector<std::thread> workers;
  std::mutex mutex;
  std::condition_variable start, done;
  uint64_t generation = 0;
  int running = 0;
  bool stop = false;
  int64_t items = 0;
  const void* closure = nullptr;
  Body body = nullptr;
};

void Threads::fork(int64_t items, const void* closure, Body body) const {
  pool_->fork(items, closure, body);
}

#else

struct Threads::Pool {
  explicit Pool(int) {}
};

void Threads::fork(int64_t items, const void* closure, Body body) const {
  const int parts = count_;
#pragma omp parallel num_threads(parts)
  {
    // Fewer threads than asked for, as inside another region, still run all parts.
    for (int part = omp_get_thread_num(); part < parts; part += omp_get_num_threads())
      run_part(closure, body, items, part, parts);
  }
}

#endif

Threads::Threads(int count) : count_(count), pool_(count > 1 ? new Pool(count) : nullptr) {
  parallel_for(count, [](int64_t, int64_t, int) {});
}
Threads::~Threads() = default;

}  // namespace weq
