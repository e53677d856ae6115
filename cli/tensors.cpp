#include "cli/tensors.h"

#include <filesystem>
#include <map>
#include <set>

#include "cli/options.h"
#include "converters/data/npy.h"
#include "converters/ir/errors.h"

namespace weq::cli {
namespace {

using convert::DType;
using convert::Shape;
using convert::Tensor;

// The batch that makes `found` the shape `wanted` (which is at batch 1), or 0. An axis of length 1
// may be missing in `found`.
int64_t batch_of(const Shape& found, const Shape& wanted, bool batched) {
  const auto fits = [&](const Shape& shape) -> int64_t {
    if (shape.size() != wanted.size()) return 0;
    if (shape == wanted) return 1;
    if (!batched || shape.empty() || wanted[0] < 1 || shape[0] % wanted[0] != 0) return 0;
    for (size_t i = 1; i < shape.size(); ++i) {
      if (shape[i] != wanted[i]) return 0;
    }
    return shape[0] / wanted[0];
  };
  if (const int64_t batch = fits(found)) return batch;
  for (size_t axis = 0; axis <= found.size(); ++axis) {
    Shape widened = found;
    widened.insert(widened.begin() + static_cast<std::ptrdiff_t>(axis), 1);
    if (const int64_t batch = fits(widened)) return batch;
  }
  return 0;
}

std::map<std::string, std::string> files_by_input(const convert::Network& network,
                                                  const std::vector<std::string>& assignments) {
  std::set<std::string> names;
  std::string list;
  for (size_t i = 0; i < network.input_count(); ++i) {
    names.insert(network.input_name(i));
    list += (i > 0 ? ", " : "") + network.input_name(i);
  }
  std::map<std::string, std::string> files;
  for (const std::string& text : assignments) {
    const auto [name, file] = split_assignment(text, "--input");
    if (names.count(name) == 0) {
      throw convert::UsageError(network.path + ": has no input " + name + "; its inputs are " +
                                list);
    }
    if (!files.emplace(name, file).second) {
      throw convert::UsageError("--input " + name + " is given twice");
    }
  }
  for (const std::string& name : names) {
    if (files.count(name) == 0) {
      throw convert::UsageError(network.path + ": input " + name + " is missing; give --input " +
                                name + "=X.npy");
    }
  }
  return files;
}

std::string file_name(const std::string& output, size_t index) {
  std::string name = output;
  for (char& c : name) {
    if (c == '/') c = '_';
  }
  return name.empty() || name == "." || name == ".." ? "output_" + std::to_string(index) : name;
}

}  // namespace

std::vector<std::string> run_tensors(const convert::Network& network,
                                     const std::vector<std::string>& assignments,
                                     const std::string& output_dir,
                                     const convert::RunnerOptions& options) {
  const std::map<std::string, std::string> files = files_by_input(network, assignments);
  convert::RunnerOptions runner_options = options;
  std::vector<Tensor> inputs;
  bool batch_known = false;
  for (size_t i = 0; i < network.input_count(); ++i) {
    const std::string& file = files.at(network.input_name(i));
    DType dtype = DType::kFloat;
    bool batched = network.model != nullptr;
    if (network.graph) {
      const convert::Value& value = network.graph->value(network.graph->inputs[i]);
      dtype = value.dtype;
      batched = value.batched;
    }
    Tensor input = convert::read_npy(file, dtype);
    const Shape wanted = network.input_shape(i);
    const int64_t batch = batch_of(input.shape, wanted, batched);
    if (batch < 1 || (batched && batch_known && batch != runner_options.batch)) {
      throw convert::FileError(file, "is " + convert::to_string(input.shape) + ", input " +
                                         network.input_name(i) + " takes " +
                                         convert::to_string(wanted) +
                                         (batched ? " with the batch as first axis, one for all "
                                                    "inputs"
                                                  : "") +
                                         "; reshape the array");
    }
    if (batched) {
      runner_options.batch = batch;
      batch_known = true;
    }
    input.shape = wanted;
    if (batched && !wanted.empty()) input.shape[0] *= batch;
    inputs.push_back(std::move(input));
  }
  std::error_code error;
  std::filesystem::create_directories(output_dir, error);
  if (error) {
    throw convert::FileError(output_dir, "cannot be created: " + error.message() +
                                             "; give --output-dir a folder that can be written");
  }
  const auto runner = convert::make_runner(network, runner_options);
  runner->run(inputs);
  std::vector<std::string> written;
  for (size_t i = 0; i < runner->output_count(); ++i) {
    const std::string path = output_dir + "/" + file_name(runner->output_name(i), i) + ".npy";
    convert::write_npy(path, runner->output(i));
    written.push_back(path);
  }
  return written;
}

}  // namespace weq::cli
