#include "converters/report/parallel.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace weq::convert {
namespace {

struct Shared {
  std::atomic<int64_t> next{0}, done{0};
  std::atomic<bool> stop{false};
  std::mutex lock;
  std::condition_variable finished;
  int running = 0;
  int64_t failed_index = 0;
  std::exception_ptr failure;
};

void work(Shared* shared, int64_t count, const MakeWorker& make_worker) {
  int64_t index = -1;
  try {
    omp_set_num_threads(1);
    const ImageWorker worker = make_worker();
    while (!shared->stop && (index = shared->next++) < count) {
      worker(index);
      ++shared->done;
    }
  } catch (...) {
    const std::lock_guard<std::mutex> guard(shared->lock);
    if (!shared->failure || index < shared->failed_index) {
      shared->failure = std::current_exception();
      shared->failed_index = index;
    }
    shared->stop = true;
  }
  const std::lock_guard<std::mutex> guard(shared->lock);
  --shared->running;
  shared->finished.notify_one();
}

}  // namespace

void for_each_image(int64_t count, int threads, const MakeWorker& make_worker,
                    const ImageProgress& progress) {
  if (threads <= 0) threads = static_cast<int>(std::thread::hardware_concurrency());
  threads = static_cast<int>(std::clamp<int64_t>(threads, 1, std::max<int64_t>(count, 1)));
  Shared shared;
  shared.running = threads;
  std::vector<std::thread> pool;
  for (int t = 0; t < threads; ++t) {
    pool.emplace_back([&] { work(&shared, count, make_worker); });
  }
  {
    std::unique_lock<std::mutex> guard(shared.lock);
    while (shared.running > 0) {
      shared.finished.wait_for(guard, std::chrono::milliseconds(100));
      if (progress) progress(shared.done);
    }
  }
  for (std::thread& thread : pool) thread.join();
  if (shared.failure) std::rethrow_exception(shared.failure);
}

}  // namespace weq::convert
