#include "converters/onnx/input_shapes.h"

#include <algorithm>

namespace weq::convert {
namespace {

std::string spell(const DeclaredInput& input) {
  std::string text = "[";
  for (size_t i = 0; i < input.shape.size(); ++i) {
    if (i > 0) text += ",";
    const std::string name = input.names[i].empty() ? "?" : input.names[i];
    text += input.shape[i] >= 0 ? std::to_string(input.shape[i]) : name;
  }
  return text + "]";
}

// `declared` with the free dimensions that the user gave. The first one may be 0 or -1: the batch.
Shape merge(const DeclaredInput& declared, const std::string& name, const Shape& given) {
  if (!declared.has_shape) {
    Shape shape = given;
    for (size_t i = 0; i < shape.size(); ++i)
      if (shape[i] < 1 && i > 0)
        throw ConvertError("input " + name + ": --input-shape has a dimension below 1; give " +
                           "positive numbers");
    if (!shape.empty() && shape[0] < 1) shape[0] = -1;
    return shape;
  }
  bool agrees = given.size() == declared.shape.size();
  for (size_t i = 0; agrees && i < given.size(); ++i) {
    const bool frees_batch = i == 0 && given[i] <= 1;
    agrees =
        frees_batch || (given[i] >= 1 && (declared.shape[i] < 0 || declared.shape[i] == given[i]));
  }
  if (!agrees)
    throw ConvertError("input " + name + ": --input-shape " + to_string(given) +
                       " contradicts the model's " + spell(declared) +
                       "; give numbers for its free dimensions only");
  Shape shape = given;
  if (!shape.empty() && shape[0] <= 1) shape[0] = -1;
  return shape;
}

}  // namespace

InputShapes resolve_input_shapes(const BuiltGraph& built,
                                 const std::map<std::string, Shape>& given) {
  const auto name_of = [&](const DeclaredInput& input) {
    return built.graph.value(input.value).name;
  };
  for (const auto& [name, shape] : given)
    if (std::none_of(built.inputs.begin(), built.inputs.end(),
                     [&](const DeclaredInput& input) { return name_of(input) == name; }))
      throw ConvertError("--input-shape names " + name + ", which is no input of the model; use " +
                         (built.inputs.empty() ? "none" : name_of(built.inputs.front())));

  InputShapes result;
  std::string missing;
  bool symbolic = false;
  for (const DeclaredInput& input : built.inputs) {
    const std::string name = name_of(input);
    const auto found = given.find(name);
    Shape shape = input.shape;
    if (found != given.end())
      shape = merge(input, name, found->second);
    else if (!input.has_shape)
      missing += " " + name + " (no shape at all)";
    const bool free_batch = !shape.empty() && shape[0] < 0;
    if (std::any_of(shape.begin() + (free_batch ? 1 : 0), shape.end(),
                    [](int64_t extent) { return extent < 0; }))
      missing += " " + name + "=" + spell(input);
    const bool fixed_in_file = input.has_shape && !input.shape.empty() && input.shape[0] > 0;
    result.file_batch.push_back(fixed_in_file ? input.shape[0] : 1);
    if (free_batch) shape[0] = 1;
    symbolic = symbolic || free_batch;
    result.batched.push_back(free_batch);
    result.shapes.push_back(std::move(shape));
  }
  if (!missing.empty())
    throw ConvertError("free dimensions of inputs are not known:" + missing +
                       "; give them by --input-shape NAME=DIMS, for example NAME=1,3,224,224");
  if (!symbolic)
    for (size_t i = 0; i < result.shapes.size(); ++i)
      result.batched[i] = !result.shapes[i].empty() && result.shapes[i][0] == 1;
  return result;
}

}  // namespace weq::convert
