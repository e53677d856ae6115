// Drives the C99 part with a network whose outputs are known.
#include <gtest/gtest.h>

#include "tests/support/test_net.h"

extern "C" int weq_c_api_test(const void* file, size_t size, const float* input, size_t input_count,
                              const int32_t* expected, size_t output_count);

namespace weq::test {
namespace {

TEST(CApi, AC99ProgramRunsANetwork) {
  TestNet net(11);
  const FileBytes file = net.builder.finish();
  const Plane in = net.random_input(1);
  const std::vector<float> input = TestNet::channels_first(in, 0.25f);
  std::vector<int32_t> expected;
  for (float v : TestNet::channels_first(net.expected(in), 1))
    expected.push_back(static_cast<int32_t>(v));
  EXPECT_EQ(weq_c_api_test(file.data(), file.size(), input.data(), input.size(), expected.data(),
                           expected.size()),
            0)
      << "the line of c_api_test.c that failed";
}

}  // namespace
}  // namespace weq::test
