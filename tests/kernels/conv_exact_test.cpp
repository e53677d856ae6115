// Every convolution kernel of the list gives the bits of the reference, on every problem it
// accepts, every split of its work and every distance of output rows; and the reference is the
// plain 64-bit sum.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "tests/support/conv_family.h"

namespace weq::kernels {
namespace {

using test::Random;

const ConvKernel& reference() { return *kConvKernels[kConvKernelCount - 1]; }

TEST(ConvExact, ReferenceIsThePlainSum) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 engine(seed);
    Random random(seed);
    test::RawConv conv;
    do {
      conv.shape = test::random_conv_shape(random);
    } while (conv.shape.macs() > 300000);
    conv.map = test::random_level_map(random);
    conv.bits = random.int32(1, 8);
    for (int32_t i = 0; i < 1 << conv.bits; ++i) {
      conv.levels.push_back(static_cast<int8_t>(random.int32(-128, 127)));
    }
    conv.fill(&engine);
    ASSERT_EQ(test::run_raw(reference(), conv, 1 + seed % 3), conv.expected());
  }
}

// More rounds, or another seed, by environment: for long runs by hand.
uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(ConvExact, EveryKernelEqualsTheReference) {
  const uint64_t first = from_environment("WEQ_TEST_SEED", 1);
  const uint64_t rounds = from_environment("WEQ_TEST_ROUNDS", 400);
  std::map<std::string, int> accepted;
  for (uint64_t seed = first; seed < first + rounds; ++seed) {
    Random random(seed);
    const int32_t kind = random.int32(0, 19);
    const auto shape = kind == 0   ? test::random_window_shape(random)
                       : kind <= 2 ? test::random_product_shape(random)
                                   : test::random_conv_shape(random);
    const auto c = test::random_conv_case(random, shape);
    SCOPED_TRACE(testing::Message() << "seed " << seed << ": " << c->describe());
    const test::ConvResult expected = test::run_reference(*c, random);
    for (int k = 0; k < kConvKernelCount; ++k) {
      const ConvKernel& kernel = *kConvKernels[k];
      if (!isa_available(kernel.isa)) {
        ++accepted[kernel.name];  // cannot be tried here
        continue;
      }
      if (kernel.refuse(c->problem) != nullptr) continue;
      SCOPED_TRACE(kernel.name);
      ++accepted[kernel.name];
      EXPECT_GT(kernel.cost(c->problem), 0.0);
      const RequantizeKernel& requantize = select_requantize(kernel.isa);
      const int32_t gap = random.of<int32_t>({0, 1, 5, 64, 100});
      const auto found = test::run_conv(kernel, *c, requantize, random.int32(1, 5), random, gap);
      test::expect_equal(expected, found);
      if (HasFatalFailure()) return;
    }
  }
  for (int k = 0; k < kConvKernelCount; ++k) {
    RecordProperty(kConvKernels[k]->name, accepted[kConvKernels[k]->name]);
    EXPECT_GT(accepted[kConvKernels[k]->name], 0) << kConvKernels[k]->name << " was never tried";
  }
}

TEST(ConvExact, NamesAreUnique) {
  std::map<std::string, int> names;
  for (int k = 0; k < kConvKernelCount; ++k) ++names[kConvKernels[k]->name];
  for (const auto& [name, count] : names) EXPECT_EQ(count, 1) << name;
  EXPECT_STREQ(reference().family, "reference");
}

}  // namespace
}  // namespace weq::kernels
