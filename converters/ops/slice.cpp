// Slice. Canonical attributes: starts ends axes (>= 0) steps, of one length; negative starts and
// ends count from the end, all are clamped as ONNX says. Opset 10 moved them to inputs.
#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"

namespace weq::convert {
namespace {

const char* const kKeys[] = {"", "starts", "ends", "axes", "steps"};

void normalize(Graph& graph, Node& node) {
  for (size_t i = 4; i >= 1; --i) take_ints(graph, node, i, kKeys[i]);
}

std::string check(const Graph& graph, const Node& node) {
  const std::string inputs = arity(graph, node, 1, 5);
  if (!inputs.empty()) return inputs;
  for (size_t i = 1; i <= 4; ++i) {
    if (has_input(node, i)) return computed(node, i, kKeys[i]);
  }
  return "";
}

// First element, element count and step along one axis of `size`.
struct Range {
  int64_t first, count, step;
};

Range range_of(int64_t start, int64_t end, int64_t step, int64_t size) {
  const auto clamp = [](int64_t v, int64_t low, int64_t high) {
    return v < low ? low : (v > high ? high : v);
  };
  // Counting from the end cannot overflow: only negative numbers grow.
  if (start < 0) start += size;
  if (end < 0) end += size;
  if (step > 0) {
    start = clamp(start, 0, size);
    end = clamp(end, 0, size);
    const int64_t length = end - start;
    return {start, length > 0 ? (length - 1) / step + 1 : 0, step};
  }
  start = clamp(start, -1, size - 1);
  end = clamp(end, -1, size - 1);
  const int64_t length = start - end;
  // A step of the lowest integer has no positive counterpart; any beyond the size takes one.
  step = step < -size - 1 ? -size - 1 : step;
  return {start, length > 0 ? (length - 1) / -step + 1 : 0, step};
}

std::vector<Range> ranges_of(const Node& node, const Shape& shape) {
  const auto starts = node.get_ints("starts");
  const auto ends = node.get_ints("ends");
  const auto axes = node.get_ints("axes");
  const auto steps = node.get_ints("steps");
  std::vector<Range> ranges;
  for (const int64_t size : shape) ranges.push_back({0, size, 1});
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<size_t>(axes[i]);
    ranges[axis] = range_of(starts[i], ends[i], steps[i], shape[axis]);
  }
  return ranges;
}

void infer(Graph& graph, Node& node) {
  const Value& x = input_value(graph, node, 0);
  for (size_t i = 1; i <= 4; ++i) {
    if (has_input(node, i)) fail(node, computed(node, i, kKeys[i]));
  }
  const size_t count = node.get_ints("starts").size();
  std::vector<int64_t> axes = node.get_ints("axes");
  if (axes.empty()) {
    for (size_t i = 0; i < count; ++i) axes.push_back(static_cast<int64_t>(i));
  }
  for (int64_t& axis : axes) {
    axis = static_cast<int64_t>(resolve_axis(node, axis, x.shape.size()));
  }
  resolve_axes(node, axes, x.shape.size());  // refuses repetitions
  if (node.get_ints("steps").empty()) {
    node.attributes["steps"] = std::vector<int64_t>(count, 1);
  }
  const auto steps = node.get_ints("steps");
  if (node.get_ints("ends").size() != count || axes.size() != count || steps.size() != count) {
    fail(node, "starts, ends, axes and steps of Slice differ in length; export the model again");
  }
  for (const int64_t step : steps) {
    if (step == 0) fail(node, "Slice with a step of zero; export the model again");
  }
  node.attributes["axes"] = std::move(axes);
  Shape y;
  for (const Range& range : ranges_of(node, x.shape)) y.push_back(range.count);
  set_output(graph, node, 0, std::move(y), x.dtype);
}

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Tensor& x = *inputs[0];
  Tensor* y = outputs[0];
  if (element_count(y->shape) == 0) return;
  std::vector<int64_t> strides = row_strides(x.shape);
  int64_t offset = 0;
  const auto ranges = ranges_of(node, x.shape);
  for (size_t i = 0; i < ranges.size(); ++i) {
    offset += ranges[i].first * strides[i];
    strides[i] *= ranges[i].step;
  }
  with_storage(x, y, [&](const auto* from, auto* to) {
    copy_strided(y->shape, from + offset, strides, to, row_strides(y->shape));
  });
}

}  // namespace

const OpDef kOpSlice = {"Slice", normalize, check, infer, run, accept};

}  // namespace weq::convert
