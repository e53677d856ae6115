#include "converters/report/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "converters/calibrate/parallel.h"

namespace weq::convert {

void for_each_image(int64_t count, int threads, const MakeWorker& make_worker,
                    const ImageProgress& progress) {
  if (threads <= 0) threads = static_cast<int>(std::thread::hardware_concurrency());
  threads = static_cast<int>(std::clamp<int64_t>(threads, 1, std::max<int64_t>(count, 1)));
  std::vector<ImageWorker> workers(static_cast<size_t>(threads));
  std::atomic<int64_t> done{0};
  parallel_over(count, threads, [&](int64_t index, int thread) {
    ImageWorker& worker = workers[static_cast<size_t>(thread)];
    if (!worker) worker = make_worker();
    worker(index);
    ++done;
    if (progress && thread == 0) progress(done);
  });
  if (progress) progress(done);
}

}  // namespace weq::convert
