#include "kernels/isa.h"

#include <gtest/gtest.h>

#include <string>

namespace weq::kernels {
namespace {

TEST(IsaTest, NamesReadBack) {
  for (int i = 0; i < kIsaCount; ++i) {
    Isa found = Isa::kScalar;
    ASSERT_TRUE(isa_from_name(isa_name(Isa(i)), &found));
    EXPECT_EQ(int(found), i);
    EXPECT_NE(std::string(isa_names()).find(isa_name(Isa(i))), std::string::npos);
  }
  Isa untouched = Isa::kAvx2;
  EXPECT_FALSE(isa_from_name("avx1024", &untouched));
  EXPECT_FALSE(isa_from_name("", &untouched));
  EXPECT_EQ(untouched, Isa::kAvx2);
}

TEST(IsaTest, ScalarRunsEverywhere) {
  EXPECT_TRUE(isa_available(Isa::kScalar));
  EXPECT_TRUE(isa_usable(Isa::kScalar, Isa::kScalar));
  EXPECT_TRUE(isa_available(best_isa()));
}

TEST(IsaTest, TheCapIsNeverPassed) {
  for (int needed = 0; needed < kIsaCount; ++needed) {
    for (int limit = 0; limit < kIsaCount; ++limit) {
      EXPECT_EQ(isa_usable(Isa(needed), Isa(limit)), needed <= limit && isa_available(Isa(needed)));
    }
  }
}

#if defined(__x86_64__) && defined(__GNUC__)
TEST(IsaTest, AgreesWithTheCompilersDetection) {
  EXPECT_EQ(isa_available(Isa::kAvx2), __builtin_cpu_supports("avx2") != 0);
  const bool vnni = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                    __builtin_cpu_supports("avx512vnni");
  EXPECT_EQ(isa_available(Isa::kAvx512Vnni), vnni);
  EXPECT_EQ(isa_available(Isa::kAvx512Vbmi),
            vnni && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2"));
}
#endif

}  // namespace
}  // namespace weq::kernels
