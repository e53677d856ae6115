// docs/operators.md says which operators run in float and which quantized. It is generated from the
// lists of the code; this test fails where it is stale. WEQ_UPDATE=1 writes it anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "converters/lower/list.h"
#include "converters/ops/op.h"

namespace weq::test {
namespace {

// Operators that passes turn into others before the graph is quantized.
const std::map<std::string, std::string> kRewritten = {
    {"Gemm", "a convolution"},
    {"MatMul", "a convolution, where one side is constant"},
    {"BatchNormalization", "part of a convolution"},
    {"ConvTranspose", "dilation, padding and a convolution"},
    {"Split", "slices"},
    {"Flatten", "a reshape"},
    {"Squeeze", "a reshape"},
    {"Unsqueeze", "a reshape"},
    {"DepthToSpace", "reshapes and a transpose"},
    {"SpaceToDepth", "reshapes and a transpose"},
    {"Sum", "additions"},
    {"Mean", "additions and a factor"},
    {"Dropout", "nothing"},
    {"Upsample", "Resize"},
};

std::string table() {
  std::ostringstream out;
  out << "# Operators\n\n"
         "Generated: `WEQ_UPDATE=1 operator_table_test`. Float: the converter computes it (opset 7 "
         "to\n"
         "21). Quantized: how it runs in a `.weq` file; `--allow-float` keeps the others in "
         "float,\n"
         "`constants only` ones must fold away.\n\n"
         "| operator | float | quantized |\n| --- | --- | --- |\n";
  std::vector<std::string> names;
  for (const convert::OpDef* op : convert::all_ops()) names.push_back(op->name);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    std::string quantized = "constants only, or float";
    const auto rewritten = kRewritten.find(name);
    if (rewritten != kRewritten.end()) {
      quantized = "yes, as " + rewritten->second;
    } else if (convert::find_lowering(name)) {
      quantized = "yes";
    }
    out << "| " << name << " | yes | " << quantized << " |\n";
  }
  return out.str();
}

TEST(OperatorTable, TheDocumentIsFresh) {
  const std::string path = std::string(WEQ_SOURCE_DIR) + "/docs/operators.md";
  if (std::getenv("WEQ_UPDATE")) std::ofstream(path) << table();
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(text, table()) << "docs/operators.md is stale: run this test with WEQ_UPDATE=1";
}

TEST(OperatorTable, EveryRewrittenOperatorIsInTheList) {
  for (const auto& [name, as] : kRewritten) EXPECT_NE(convert::find_op(name), nullptr) << name;
}

}  // namespace
}  // namespace weq::test
