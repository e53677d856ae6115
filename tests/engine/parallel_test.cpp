// parallel_for: every item once, whatever the counts; two sessions of one model on two threads.
#include "engine/runtime/parallel.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/support/test_net.h"

namespace weq::test {
namespace {

TEST(Parallel, EveryItemOnceInContiguousParts) {
  for (int threads : {1, 2, 3, 5})
    for (int64_t items : {0, 1, 2, 3, 7, 100}) {
      SCOPED_TRACE(std::to_string(threads) + " threads, " + std::to_string(items) + " items");
      const Threads pool(threads);
      std::vector<int> seen(static_cast<size_t>(items), 0);
      std::vector<int> calls(static_cast<size_t>(threads), 0);
      for (int repeat = 0; repeat < 3; ++repeat)
        pool.parallel_for(items, [&](int64_t begin, int64_t end, int thread) {
          ++calls[static_cast<size_t>(thread)];
          for (int64_t i = begin; i < end; ++i) ++seen[static_cast<size_t>(i)];
        });
      for (int count : seen) EXPECT_EQ(count, 3);
      for (int count : calls) EXPECT_LE(count, 3);
    }
}

TEST(Parallel, TwoSessionsOfOneModelOnTwoThreads) {
  TestNet net(21);
  const FileBytes file = net.builder.finish();
  std::shared_ptr<const Model> model;
  ASSERT_TRUE(Model::from_memory(file.data(), file.size(), &model).ok());
  struct Job {
    Plane in;
    std::vector<float> expected;
    int wrong = 0;
  } jobs[2];
  for (Job& job : jobs) {
    job.in = net.random_input(2);
    job.expected = TestNet::channels_first(net.expected(job.in), 0.0625f);
  }
  // Creation too: both threads pack into one model.
  const auto work = [&](Job* job, int threads) {
    SessionOptions options;
    options.batch = 2;
    options.threads = threads;
    std::unique_ptr<Session> session;
    if (!Session::create(model, options, &session).ok()) job->wrong = 1;
    if (session == nullptr) return;
    const std::vector<float> input = TestNet::channels_first(job->in, 0.25f);
    std::vector<float> output(job->expected.size());
    for (int i = 0; i < 50; ++i) {
      const bool ok = session->set_input_float(0, input.data(), input.size()).ok() &&
                      session->run().ok() &&
                      session->get_output_float(0, output.data(), output.size()).ok();
      if (!ok || output != job->expected) ++job->wrong;
    }
    if (model->info().layers.size() != 5) ++job->wrong;
  };
  std::thread other(work, &jobs[1], 2);
  work(&jobs[0], 1);
  other.join();
  EXPECT_EQ(jobs[0].wrong, 0);
  EXPECT_EQ(jobs[1].wrong, 0);
}

}  // namespace
}  // namespace weq::test
