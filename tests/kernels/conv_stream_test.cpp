// Matrix-vector kernels at every width of codes: tails of K and of channels, one to four rows,
// windows that cover the input, and every way to requantize.
#include <gtest/gtest.h>

#include <map>

#include "kernels/conv/memory.h"
#include "tests/support/conv_family.h"
#include "tests/support/conv_forms.h"

namespace weq::kernels {
namespace {

using test::Random;

TEST(ConvStream, EqualsTheReference) {
  std::map<std::string, int> accepted;
  std::map<int32_t, int> widths;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    const auto c = test::random_conv_case(random, test::random_product_shape(random));
    const int32_t kind = random.int32(0, 3);
    if (kind == 1) test::use_form(random, c.get(), ThresholdForm::kLinear);
    if (kind == 2) test::use_form(random, c.get(), ThresholdForm::kGrid);
    SCOPED_TRACE(testing::Message() << "seed " << seed << ": " << c->describe());
    ++widths[c->problem.weights.level_count <= 8 ? c->problem.weights.bits : 8];
    std::vector<std::string> ran;
    ASSERT_NO_FATAL_FAILURE(test::expect_family_equals("stream", *c, 5, {0}, random, &ran));
    for (const std::string& name : ran) ++accepted[name];
  }
  for (const ConvKernel* kernel : test::family("stream")) {
    EXPECT_GT(accepted[kernel->name], 30) << kernel->name;
  }
  for (int32_t bits : {1, 2, 3, 8}) EXPECT_GT(widths[bits], 5) << bits;
}

// A layer whose weights lie in memory goes to the kernel that reads fewest bytes.
TEST(ConvStream, IsTheCheapestForOneRow) {
  std::vector<int8_t> levels(16);
  for (int32_t i = 0; i < 16; ++i) levels[size_t(i)] = static_cast<int8_t>(i - 8);
  const LevelMap map = test::make_level_map({0, 1, 2, 3}, true, 0);
  const std::vector<std::pair<int32_t, int32_t>> layers = {
      {9216, 4096}, {4096, 4096}, {25088, 4096}, {2048, 1000}};
  for (const auto& [in_c, out_c] : layers) {
    ConvProblem problem;
    problem.shape.in_c = in_c;
    problem.shape.out_c = out_c;
    problem.weights = {nullptr, 4, levels.data(), 16};
    problem.input = &map;
    problem.bounds.max_abs_weight = 8;
    problem.bounds.sum16_flush = 600;
    for (Isa isa : {Isa::kAvx2, Isa::kAvx512Vnni, Isa::kAvx512Vbmi}) {
      const ConvKernel* best = nullptr;
      for (int k = 0; k < kConvKernelCount; ++k) {
        const ConvKernel* kernel = kConvKernels[k];
        if (kernel->isa > isa || kernel->refuse(problem) != nullptr) continue;
        if (best == nullptr || conv_cycles(*kernel, problem) < conv_cycles(*best, problem)) {
          best = kernel;
        }
      }
      EXPECT_STREQ(best->family, "stream") << in_c << " to " << out_c;
    }
  }
}

}  // namespace
}  // namespace weq::kernels
