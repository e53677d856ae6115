// Shape and Size: they fold from the shape of their input alone; its contents are not read.
// Canonical attributes of Shape: start, end (opset 15), both clamped as ONNX says.
#include <algorithm>
#include <limits>

#include "converters/ops/list.h"
#include "converters/ops/support.h"

namespace weq::convert {
namespace {

void normalize_shape(Graph&, Node& node) {
  default_int(node, "start", 0);
  default_int(node, "end", std::numeric_limits<int64_t>::max());
}

// [start, end) within the rank.
std::pair<int64_t, int64_t> range_of(const Node& node, size_t size) {
  const auto rank = static_cast<int64_t>(size);
  int64_t start = node.get_int("start", 0);
  int64_t end = node.get_int("end", rank);
  if (start < 0) start += rank;
  if (end < 0) end += rank;
  start = std::clamp<int64_t>(start, 0, rank);
  end = std::clamp<int64_t>(end, start, rank);
  return {start, end};
}

void infer_shape(Graph& graph, Node& node) {
  const auto [start, end] = range_of(node, input_shape(graph, node, 0).size());
  set_output(graph, node, 0, {end - start}, DType::kInt64);
}

void run_shape(const Node& node, const std::vector<const Tensor*>& inputs,
               const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Shape& shape = inputs[0]->shape;
  const auto [start, end] = range_of(node, shape.size());
  outputs[0]->i.assign(shape.begin() + start, shape.begin() + end);
}

void infer_size(Graph& graph, Node& node) {
  input_shape(graph, node, 0);
  set_output(graph, node, 0, {}, DType::kInt64);
}

void run_size(const Node&, const std::vector<const Tensor*>& inputs,
              const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  outputs[0]->i = {element_count(inputs[0]->shape)};
}

}  // namespace

const OpDef kOpShape = {"Shape", normalize_shape, only_folded, infer_shape, run_shape, only_folded};
const OpDef kOpSize = {"Size", leave, only_folded, infer_size, run_size, only_folded};

}  // namespace weq::convert
