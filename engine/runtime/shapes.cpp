#include "engine/runtime/shapes.h"

namespace weq {
namespace {

Status set_inputs(const Graph& graph, const format::Report& report, const SessionOptions& options,
                  std::vector<Dims>* shapes) {
  const auto bad = [&](const std::string& place, const std::string& reason) {
    return report.make(StatusCode::kInvalidArgument, place, "", reason);
  };
  if (options.batch < 1) return bad("batch", std::to_string(options.batch) + " is below 1");
  if (options.height < 0 || options.width < 0 || (options.height == 0) != (options.width == 0))
    return bad("size", "give height and width, both positive");
  bool resized = false;
  for (const format::Port* port : *graph.file->inputs()) {
    const auto t = static_cast<size_t>(port->tensor());
    Dims& shape = (*shapes)[t];
    const std::string place = "input " + port->name()->str();
    if (shape.rank > 0)
      shape[port->axes() == nullptr ? 0 : port->axes()->Get(0)] *= options.batch;
    else if (options.batch > 1)
      return bad(place, "a scalar has no batch");
    if (options.height > 0 && shape.rank == 4) {
      shape[1] = options.height;
      shape[2] = options.width;
      resized = true;
    }
    if (!is_valid_shape(shape, graph.tensors[t].element_size()))
      return bad(place,
                 "shape " + to_string(shape) + " has an axis above 2^26, or 2^31 bytes or more");
  }
  if (options.height > 0 && !resized) return bad("size", "the model has no image input");
  return {};
}

}  // namespace

Status propagate_shapes(const Graph& graph, const format::Report& report,
                        const SessionOptions& options, std::vector<Dims>* shapes) {
  shapes->clear();
  for (const TensorInfo& tensor : graph.tensors) shapes->push_back(tensor.shape);
  Status status = set_inputs(graph, report, options, shapes);
  if (!status.ok()) return status;
  NodeContext c;
  for (size_t i = 0; i < graph.node_count(); ++i) {
    set_context(graph, i, *shapes, false, &c);
    std::vector<Dims> inferred(c.output_count());
    bool ok = graph.operators[i]->infer(c, inferred.data());
    for (size_t k = 0; ok && k < inferred.size(); ++k) {
      if (!is_valid_shape(inferred[k], c.outputs[k]->element_size()))
        ok = c.fail("outputs", "shape " + to_string(inferred[k]) +
                                   " has an axis above 2^26, or 2^31 bytes or more");
      (*shapes)[static_cast<size_t>(c.node->outputs()->Get(static_cast<uint32_t>(k)))] =
          inferred[k];
    }
    if (!ok) return report.layer(StatusCode::kInvalidArgument, c);
  }
  return {};
}

}  // namespace weq
