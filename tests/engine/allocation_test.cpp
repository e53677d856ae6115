// Nothing allocates on the calling thread between the creation of a session and its end.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/operator_zoo.h"
#include "tests/support/test_net.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define WEQ_CANNOT_COUNT
#else
namespace {
thread_local long allocations = 0;
}
// glibc's own entry points; everything else, operator new too, comes through these.
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* p, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void* malloc(size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* p, size_t size) {
  ++allocations;
  return __libc_realloc(p, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
}
#endif

namespace weq::test {
namespace {

TEST(Allocation, NoneAfterCreation) {
#ifdef WEQ_CANNOT_COUNT
  GTEST_SKIP() << "malloc cannot be counted under a sanitizer";
#else
  TestNet net(31);
  const FileBytes file = net.builder.finish();
  std::shared_ptr<const Model> model;
  ASSERT_TRUE(Model::from_memory(file.data(), file.size(), &model).ok());
  const Plane in = net.random_input(2);
  const std::vector<float> input = TestNet::channels_first(in, 0.25f);
  const std::vector<float> expected = TestNet::channels_first(net.expected(in), 0.0625f);
  const std::vector<uint8_t> codes(input.size(), 3);
  for (int threads : {1, 2}) {
    SessionOptions options;
    options.batch = 2;
    options.threads = threads;
    std::unique_ptr<Session> session;
    const long before_creation = allocations;
    ASSERT_TRUE(Session::create(model, options, &session).ok());
    EXPECT_GT(allocations, before_creation) << "the counter does not count";
    std::vector<float> output(expected.size());
    std::vector<int32_t> units(expected.size());
    const long before = allocations;
    bool ok = session->set_input_codes(0, codes.data(), codes.size()).ok();
    for (int i = 0; i < 3; ++i) {
      session->set_trace(i == 1);
      ok = ok && session->set_input_float(0, input.data(), input.size()).ok();
      ok = ok && session->run().ok();
      ok = ok && session->get_output_float(0, output.data(), output.size()).ok();
      ok = ok && session->get_output_units(0, units.data(), units.size()).ok();
    }
    const long after = allocations;
    EXPECT_EQ(after - before, 0);
    EXPECT_TRUE(ok);
    EXPECT_EQ(output, expected);
  }
#endif
}

TEST(Allocation, NoneInAnyOperator) {
#ifdef WEQ_CANNOT_COUNT
  GTEST_SKIP() << "malloc cannot be counted under a sanitizer";
#else
  const FileBytes file = OperatorZoo(32).builder.finish();
  std::shared_ptr<const Model> model;
  ASSERT_TRUE(Model::from_memory(file.data(), file.size(), &model).ok());
  for (int threads : {1, 2}) {
    SessionOptions options;
    options.threads = threads;
    std::unique_ptr<Session> session;
    ASSERT_TRUE(Session::create(model, options, &session).ok());
    const long before = allocations;
    const bool ok = session->run().ok();
    const long after = allocations;
    EXPECT_EQ(after - before, 0);
    EXPECT_TRUE(ok);
  }
#endif
}

}  // namespace
}  // namespace weq::test
