// Depthwise kernels on windows of 3x3 and 5x5: pieces of long rows, rows left over, edges, tails of
// channels, and every way to requantize.
#include <gtest/gtest.h>

#include <map>

#include "tests/support/conv_forms.h"

namespace weq::kernels {
namespace {

using test::Random;

TEST(ConvDepthwise, WindowsEqualTheReference) {
  const ConvKernel& reference = *kConvKernels[kConvKernelCount - 1];
  std::map<std::string, int> accepted;
  std::map<ThresholdForm, int> forms;
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    Random random(seed);
    const auto c = test::random_conv_case(random, test::random_window_shape(random));
    const int32_t kind = random.int32(0, 2);
    if (kind == 1 && test::use_form(random, c.get(), ThresholdForm::kLinear)) {
      ++forms[ThresholdForm::kLinear];
    }
    if (kind == 2 && test::use_form(random, c.get(), ThresholdForm::kGrid)) {
      ++forms[ThresholdForm::kGrid];
    }
    SCOPED_TRACE(testing::Message() << "seed " << seed << ": " << c->describe());
    const auto expected = test::run_conv(reference, *c, select_requantize(Isa::kScalar), 1, random);
    for (int k = 0; k < kConvKernelCount; ++k) {
      const ConvKernel& kernel = *kConvKernels[k];
      if (std::string(kernel.family) != "depthwise" || !isa_available(kernel.isa)) continue;
      if (kernel.refuse(c->problem) != nullptr) continue;
      SCOPED_TRACE(kernel.name);
      ++accepted[kernel.name];
      const auto found =
          test::run_conv(kernel, *c, select_requantize(kernel.isa), random.int32(1, 5), random);
      ASSERT_TRUE(found.intact) << "wrote behind a buffer";
      ASSERT_TRUE(std::equal(expected.units.begin(), expected.units.end(), found.units.begin()));
      for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(
            std::equal(expected.bytes[i].begin(), expected.bytes[i].end(), found.bytes[i].begin()));
      }
    }
  }
  for (int k = 0; k < kConvKernelCount; ++k) {
    const ConvKernel& kernel = *kConvKernels[k];
    if (std::string(kernel.family) != "depthwise" || !isa_available(kernel.isa)) continue;
    EXPECT_GT(accepted[kernel.name], 20) << kernel.name;
  }
  EXPECT_GT(forms[ThresholdForm::kLinear], 10);
  EXPECT_GT(forms[ThresholdForm::kGrid], 10);
}

}  // namespace
}  // namespace weq::kernels
