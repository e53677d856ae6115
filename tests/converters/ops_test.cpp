// Every operator and opset variant against values that numpy computed by formulas of its own
// (tests/fixtures/make_operator_cases.py), through the importer and the float executor.
#include "converters/ops/op.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/operator_cases.h"

namespace weq::test {
namespace {

const std::vector<OperatorCase>& cases() {
  static const std::vector<OperatorCase> all = [] {
    OperatorCaseReader reader(read_file(WEQ_SOURCE_DIR "/tests/fixtures/operator_cases.bin"));
    std::vector<OperatorCase> result = reader.read_all();
    if (!reader.ok()) result.clear();
    return result;
  }();
  return all;
}

TEST(OperatorCases, FileIsWhole) { EXPECT_GT(cases().size(), 100u); }

class OperatorCaseTest : public testing::TestWithParam<size_t> {};

TEST_P(OperatorCaseTest, GivesTheExpectedValues) { EXPECT_EQ(run_case(cases()[GetParam()]), ""); }

INSTANTIATE_TEST_SUITE_P(All, OperatorCaseTest, testing::Range<size_t>(0, cases().size()),
                         [](const testing::TestParamInfo<size_t>& info) {
                           return cases()[info.param].name;
                         });

TEST(Operators, AreFoundByName) {
  for (const convert::OpDef* op : convert::all_ops()) EXPECT_EQ(convert::find_op(op->name), op);
  EXPECT_EQ(convert::find_op("NoSuchOperator"), nullptr);
}

// A case is named after its operator: Conv_groups, Conv_same_upper, ...
TEST(Operators, AllHaveACase) {
  std::set<std::string> tested;
  for (const OperatorCase& test : cases()) tested.insert(test.name.substr(0, test.name.find('_')));
  for (const convert::OpDef* op : convert::all_ops()) {
    if (std::string(op->name) == "Dilate") continue;  // internal, tested below
    EXPECT_EQ(tested.count(op->name), 1u) << op->name;
  }
}

}  // namespace
}  // namespace weq::test
