#include "engine/runtime/graph.h"

namespace weq {

void set_context(const Graph& graph, size_t i, const std::vector<Dims>& shapes, bool with_outputs,
                 NodeContext* c) {
  c->node = &graph.node(i);
  c->proof = graph.proofs[i];
  c->inputs.clear();
  c->outputs.clear();
  c->input_shapes.clear();
  c->output_shapes.clear();
  for (int32_t id : *c->node->inputs()) {
    c->inputs.push_back(&graph.tensors[static_cast<size_t>(id)]);
    c->input_shapes.push_back(shapes[static_cast<size_t>(id)]);
  }
  for (int32_t id : *c->node->outputs()) {
    c->outputs.push_back(&graph.tensors[static_cast<size_t>(id)]);
    if (with_outputs) c->output_shapes.push_back(shapes[static_cast<size_t>(id)]);
  }
}

bool is_valid_shape(const Dims& shape, size_t element_size) {
  int64_t bytes = static_cast<int64_t>(element_size);
  if (shape.rank < 0 || shape.rank > kMaxRank) return false;
  for (int i = 0; i < shape.rank; ++i) {
    if (shape[i] < 1 || shape[i] > kMaxAxis) return false;
    bytes *= shape[i];  // below 2^57
    if (bytes > INT32_MAX) return false;
  }
  return true;
}

std::string to_string(const Dims& shape) {
  std::string text = "[";
  for (int i = 0; i < shape.rank; ++i) text += (i ? "," : "") + std::to_string(shape[i]);
  return text + "]";
}

}  // namespace weq
