// What tests of the command line share: a folder with a tiny network, images, labels, and the
// network converted once.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/command.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_onnx.h"

namespace weq::test {

// A version-1 .npy file of `data`.
inline std::string npy_file(const std::string& descr, const std::string& shape,
                            const std::string& data) {
  const std::string header =
      "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
  std::string out = std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size());
  return out + '\0' + header + data;
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

class CliCase : public testing::Test {
 protected:
  static constexpr int kImages = 40;

  static void SetUpTestSuite() {
    folder_ = new TempFolder();
    folder_->write("tiny.onnx", tiny_classifier());
    folder_->write("p.json", R"({"preprocess": {"scale": 0.00784313725, "mean": 1, "std": 1}})");
    std::string pixels;
    uint32_t state = 99;
    for (int i = 0; i < kImages * 8 * 8 * 3; ++i) {
      state = state * 1664525u + 1013904223u;
      // Smooth enough to differ from image to image.
      pixels += static_cast<char>((state >> 24) / 2 + static_cast<uint32_t>(3 * (i / 192)));
    }
    folder_->write("x.npy", npy_file("|u1", "(40, 8, 8, 3)", pixels));
    std::vector<int64_t> labels;
    for (int i = 0; i < kImages; ++i) labels.push_back(i % 7);
    folder_->write("y.npy", npy_file("<i8", "(40,)", bytes_of(labels)));
    converted_ = weq("convert tiny.onnx -o tiny.weq --preprocess p.json --calib x.npy -w 8 -a 8");
    ASSERT_EQ(converted_.code, 0) << converted_.err;
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static Outcome weq(const std::string& arguments, const std::string& before = "") {
    return run_command(*folder_, WEQ_BINARY, arguments, before);
  }
  static nlohmann::json json_of(const std::string& arguments) {
    const Outcome outcome = weq(arguments);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.out.find('\n'), outcome.out.size() - 1) << "one line, one object";
    const nlohmann::json json = nlohmann::json::parse(outcome.out, nullptr, false);
    EXPECT_TRUE(json.is_object()) << outcome.out;
    return json;
  }
  static TempFolder& folder() { return *folder_; }

  inline static TempFolder* folder_ = nullptr;
  inline static Outcome converted_;
};

}  // namespace weq::test
