// Reads tests/fixtures/operator_cases.bin and runs its cases; tests/fixtures/README.md describes
// the format.
#pragma once

#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "converters/float/executor.h"
#include "converters/onnx/import.h"

namespace weq::test {

struct OperatorCase {
  std::string name;
  std::string error;    // the message must contain it; empty: the outputs must come out
  float tolerance = 0;  // |got - expected| <= tolerance * (1 + |expected|)
  std::string model;    // the ONNX file
  std::vector<convert::Tensor> inputs, outputs;
};

class OperatorCaseReader {
 public:
  // `bytes` must be a whole file; `ok` is false where it is not.
  explicit OperatorCaseReader(std::string bytes) : bytes_(std::move(bytes)) {}

  std::vector<OperatorCase> read_all() {
    std::vector<OperatorCase> cases;
    if (text(8) != "WEQOPS1\n") ok_ = false;
    const auto count = number<uint32_t>();
    for (uint32_t i = 0; ok_ && i < count; ++i) cases.push_back(read_case());
    ok_ = ok_ && at_ == bytes_.size();
    return cases;
  }
  bool ok() const { return ok_; }

 private:
  std::string text(size_t length) {
    if (length > bytes_.size() - at_) ok_ = false;
    if (!ok_) return "";
    at_ += length;
    return bytes_.substr(at_ - length, length);
  }
  template <class T>
  T number() {
    const std::string raw = text(sizeof(T));
    T value{};
    if (ok_) std::memcpy(&value, raw.data(), sizeof(T));
    return value;
  }
  template <class T>
  std::vector<T> numbers(size_t count) {
    const std::string raw = text(count * sizeof(T));
    std::vector<T> values(ok_ ? count : 0);
    if (ok_ && count > 0) std::memcpy(values.data(), raw.data(), raw.size());
    return values;
  }

  OperatorCase read_case() {
    OperatorCase result;
    result.name = text(number<uint32_t>());
    result.error = text(number<uint32_t>());
    result.tolerance = number<float>();
    result.model = text(number<uint32_t>());
    const auto inputs = number<uint32_t>();
    const auto outputs = number<uint32_t>();
    for (uint32_t i = 0; ok_ && i < inputs; ++i) result.inputs.push_back(read_tensor());
    for (uint32_t i = 0; ok_ && i < outputs; ++i) result.outputs.push_back(read_tensor());
    return result;
  }

  convert::Tensor read_tensor() {
    convert::Tensor tensor;
    tensor.dtype = static_cast<convert::DType>(number<uint8_t>());
    tensor.shape = numbers<int64_t>(number<uint8_t>());
    const auto count = static_cast<size_t>(convert::element_count(tensor.shape));
    if (tensor.dtype == convert::DType::kFloat) {
      tensor.f = numbers<float>(count);
    } else {
      tensor.i = numbers<int64_t>(count);
    }
    return tensor;
  }

  std::string bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// "" or how `got` differs.
inline std::string difference(const convert::Tensor& got, const convert::Tensor& expected,
                              float tolerance) {
  if (got.shape != expected.shape) {
    return "shape " + convert::to_string(got.shape) + " not " + convert::to_string(expected.shape);
  }
  if (got.dtype != expected.dtype) return "another type";
  if (got.i != expected.i) return "other integers";
  for (size_t i = 0; i < expected.f.size(); ++i) {
    const float a = got.f[i], b = expected.f[i];
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    if (!(std::fabs(a - b) <= tolerance * (1 + std::fabs(b)))) {
      return "element " + std::to_string(i) + " is " + std::to_string(a) + " not " +
             std::to_string(b);
    }
  }
  return "";
}

// "" or what is wrong: imports the case's model through a temporary file, runs it, compares.
inline std::string run_case(const OperatorCase& test) {
  const std::string path =
      (std::filesystem::temp_directory_path() /
       ("weq_operator_" + std::to_string(getpid()) + "_" + test.name + ".onnx"))
          .string();
  std::ofstream(path, std::ios::binary) << test.model;
  std::string problem;
  try {
    convert::ImportOptions options;
    const convert::Graph graph = convert::import_onnx(path, options);
    convert::FloatExecutor executor(graph);
    std::vector<const convert::Tensor*> inputs;
    for (const convert::Tensor& input : test.inputs) inputs.push_back(&input);
    // Twice: the second run uses what the first one cached.
    for (int repeat = 0; repeat < 2 && problem.empty(); ++repeat) {
      executor.run(inputs);
      for (size_t i = 0; i < test.outputs.size() && problem.empty(); ++i) {
        problem = difference(executor.output(i), test.outputs[i], test.tolerance);
        if (!problem.empty()) problem = "output " + std::to_string(i) + ": " + problem;
      }
    }
    if (!test.error.empty()) problem = "no error; expected one with: " + test.error;
  } catch (const convert::ConvertError& error) {
    problem = error.what();
    if (!test.error.empty() && problem.find(test.error) != std::string::npos) problem.clear();
  }
  std::filesystem::remove(path);
  return problem;
}

}  // namespace weq::test
