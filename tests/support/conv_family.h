// The kernels of a family against the reference, on one case.
#pragma once

#include <gtest/gtest.h>

#include "tests/support/conv_cases.h"
#include "tests/support/raw_conv.h"

namespace weq::test {

// The first difference in words, empty when there is none.
template <class T>
std::string difference(const T& expected, const T& found) {
  for (size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] != found[i]) {
      return "element " + std::to_string(i) + " of " + std::to_string(expected.size()) +
             ": expected " + std::to_string(expected[i]) + ", found " + std::to_string(found[i]);
    }
  }
  return "";
}

inline void expect_equal(const ConvResult& expected, const ConvResult& found) {
  ASSERT_TRUE(found.intact) << "wrote behind a buffer or between rows";
  ASSERT_EQ(difference(expected.units, found.units), "");
  ASSERT_EQ(difference(expected.bytes[0], found.bytes[0]), "");
  ASSERT_EQ(difference(expected.bytes[1], found.bytes[1]), "");
}

inline ConvResult run_reference(const ConvCase& c, Random& random) {
  const kernels::ConvKernel& reference = *kernels::kConvKernels[kernels::kConvKernelCount - 1];
  return run_conv(reference, c, kernels::select_requantize(kernels::Isa::kScalar), 1, random);
}

// Every kernel of the family that takes the case, its work in up to `most_parts` parts, output rows
// one of `gaps` apart. `ran` receives their names. Fails fatally at the first difference.
inline void expect_family_equals(const std::string& name, const ConvCase& c, int32_t most_parts,
                                 const std::vector<int32_t>& gaps, Random& random,
                                 std::vector<std::string>* ran) {
  const ConvResult expected = run_reference(c, random);
  for (const kernels::ConvKernel* kernel : family(name)) {
    if (kernel->refuse(c.problem) != nullptr) continue;
    SCOPED_TRACE(kernel->name);
    ran->push_back(kernel->name);
    const kernels::RequantizeKernel& requantize = kernels::select_requantize(kernel->isa);
    const int32_t gap = random.of(gaps);
    const int32_t parts = random.int32(1, most_parts);
    expect_equal(expected, run_conv(*kernel, c, requantize, parts, random, gap));
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace weq::test
