// Work over images: every thread makes its own worker (an executor, a session), takes the next
// index, and stores its result by index, so that merging in index order gives the same figures for
// any number of threads.
#pragma once

#include <cstdint>
#include <functional>

namespace weq::convert {

using ImageWorker = std::function<void(int64_t index)>;
using MakeWorker = std::function<ImageWorker()>;
// Images done so far; called on the calling thread.
using ImageProgress = std::function<void(int64_t done)>;

// `threads` 0: all of this machine. OpenMP runs single-threaded inside workers. The exception of
// the lowest failing index is rethrown after all threads have stopped.
void for_each_image(int64_t count, int threads, const MakeWorker& make_worker,
                    const ImageProgress& progress = nullptr);

}  // namespace weq::convert
