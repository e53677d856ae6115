#include "converters/onnx/import.h"

#include <algorithm>
#include <filesystem>

#include "converters/onnx/build_graph.h"
#include "converters/onnx/input_shapes.h"
#include "converters/onnx/read_model.h"
#include "converters/onnx/resolve.h"
#include "converters/onnx/symbolic_batch.h"

namespace weq::convert {
namespace {

BuiltGraph read_graph(const std::string& path) {
  onnx::ModelProto model = read_model(path);
  return build_graph(model, std::filesystem::path(path).parent_path().string());
}

void require_batch_of_one(const Graph& graph) {
  for (ValueId id : graph.inputs) {
    const Value& value = graph.value(id);
    if (value.batched || value.shape.empty() || value.shape[0] == 1) continue;
    Shape freed = value.shape;
    freed[0] = 1;
    std::string dims = to_string(freed);
    dims = dims.substr(1, dims.size() - 2);
    throw ConvertError("input " + value.name + ": the batch is fixed at " +
                       std::to_string(value.shape[0]) + "; give --input-shape " + value.name + "=" +
                       dims + " to free it");
  }
}

Graph import_graph(const std::string& path, const ImportOptions& options) {
  const BuiltGraph built = read_graph(path);
  const InputShapes inputs = resolve_input_shapes(built, options.input_shapes);
  Preflight preflight;
  Walk one = resolve(built.graph, inputs, 1, options.allow_float, &preflight);
  preflight.finish();
  const bool any_batch =
      std::find(inputs.batched.begin(), inputs.batched.end(), true) != inputs.batched.end();
  if (any_batch) {
    Preflight at_two;
    const Walk two = resolve(built.graph, inputs, 2, true, &at_two);
    if (at_two.empty())
      if (std::optional<Graph> graph = keep_batch_symbolic(one, two)) one.graph = *std::move(graph);
  }
  if (options.require_batch) require_batch_of_one(one.graph);
  return std::move(one.graph);
}

}  // namespace

Graph import_onnx(const std::string& path, const ImportOptions& options) {
  try {
    return import_graph(path, options);
  } catch (const ConvertError& error) {
    throw ConvertError(path + ": " + error.what());
  }
}

}  // namespace weq::convert
