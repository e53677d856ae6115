// Depthwise kernels on windows of 3x3 and 5x5: pieces of long rows, rows left over, edges, tails of
// channels, and every way to requantize.
#include <gtest/gtest.h>

#include <map>

#include "tests/support/conv_family.h"
#include "tests/support/conv_forms.h"

namespace weq::kernels {
namespace {

using test::Random;

TEST(ConvDepthwise, WindowsEqualTheReference) {
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
    std::vector<std::string> ran;
    ASSERT_NO_FATAL_FAILURE(test::expect_family_equals("depthwise", *c, 5, {0}, random, &ran));
    for (const std::string& name : ran) ++accepted[name];
  }
  for (const ConvKernel* kernel : test::family("depthwise")) {
    EXPECT_GT(accepted[kernel->name], 20) << kernel->name;
  }
  EXPECT_GT(forms[ThresholdForm::kLinear], 10);
  EXPECT_GT(forms[ThresholdForm::kGrid], 10);
}

}  // namespace
}  // namespace weq::kernels
