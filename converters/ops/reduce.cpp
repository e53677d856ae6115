// ReduceMean, ReduceSum, ReduceMax, ReduceMin, ReduceProd, ReduceL2. Canonical attributes: axes
// (>= 0, ascending; all of them where the model names none), keepdims. Axes moved from attribute to
// input with opset 13 (ReduceSum) and 18.
#include <cmath>
#include <limits>

#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"

namespace weq::convert {
namespace {

void normalize(Graph& graph, Node& node) {
  take_ints(graph, node, 1, "axes");
  default_int(node, "keepdims", 1);
}

std::string check(const Graph& graph, const Node& node) {
  const std::string inputs = arity(graph, node, 1, 2);
  return inputs.empty() ? computed(node, 1, "axes") : inputs;
}

void infer(Graph& graph, Node& node) {
  const Value& x = input_value(graph, node, 0);
  if (has_input(node, 1)) fail(node, computed(node, 1, "axes"));
  std::vector<int64_t> axes = resolve_axes(node, node.get_ints("axes"), x.shape.size());
  if (axes.empty() && node.get_int("noop_with_empty_axes", 0) == 0) {
    for (size_t i = 0; i < x.shape.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  }
  Shape y;
  for (size_t i = 0, next = 0; i < x.shape.size(); ++i) {
    const bool reduced = next < axes.size() && axes[next] == static_cast<int64_t>(i);
    if (reduced) ++next;
    if (!reduced) y.push_back(x.shape[i]);
    if (reduced && node.get_int("keepdims", 1) != 0) y.push_back(1);
  }
  node.attributes["axes"] = std::move(axes);
  set_output(graph, node, 0, std::move(y), x.dtype);
}

// acc[out] = f(acc[out], x), over x in its order in memory.
template <class A, class T, class F>
std::vector<A> reduce(const Node& node, const Tensor& x, const T* data, size_t outputs, A start,
                      F f) {
  Shape kept = x.shape;
  for (const int64_t axis : node.get_ints("axes")) kept[static_cast<size_t>(axis)] = 1;
  std::vector<A> acc(outputs, start);
  const StridedWalk walk = broadcast_walk(x.shape, {kept});
  const int64_t inner = walk.shape.back(), step = walk.strides[0].back();
  for_each_row(walk, [&](int64_t in, const std::vector<int64_t>& offsets) {
    A* to = acc.data() + offsets[0];
    for (int64_t i = 0; i < inner; ++i) to[i * step] = f(to[i * step], data[in + i]);
  });
  return acc;
}

template <class T>
void run_typed(const Node& node, const Tensor& x, const std::vector<T>& from, std::vector<T>& y) {
  using Limits = std::numeric_limits<T>;
  using Sum = std::conditional_t<std::is_same_v<T, float>, double, T>;
  const auto store = [&](const auto& acc, auto finish) {
    for (size_t i = 0; i < y.size(); ++i) y[i] = static_cast<T>(finish(acc[i]));
  };
  const auto same = [](auto v) { return v; };
  const size_t n = y.size();
  if (node.op == "ReduceMax") {
    store(reduce(node, x, from.data(), n, Limits::lowest(), [](T a, T b) { return a < b ? b : a; }),
          same);
  } else if (node.op == "ReduceMin") {
    store(reduce(node, x, from.data(), n, Limits::max(), [](T a, T b) { return b < a ? b : a; }),
          same);
  } else if (node.op == "ReduceProd") {
    store(reduce(node, x, from.data(), n, Sum{1}, [](Sum a, T b) { return a * b; }), same);
  } else if (node.op == "ReduceL2") {
    store(reduce(node, x, from.data(), n, 0.0,
                 [](double a, T b) { return a + static_cast<double>(b) * static_cast<double>(b); }),
          [](double v) { return std::sqrt(v); });
  } else {
    const Sum count = node.op == "ReduceMean" && n > 0 ? static_cast<Sum>(from.size() / n) : Sum{1};
    store(reduce(node, x, from.data(), n, Sum{0}, [](Sum a, T b) { return a + b; }),
          [count](Sum v) { return count == 0 ? v : v / count; });
  }
}

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  if (inputs[0]->dtype == DType::kFloat) {
    run_typed(node, *inputs[0], inputs[0]->f, outputs[0]->f);
  } else {
    run_typed(node, *inputs[0], inputs[0]->i, outputs[0]->i);
  }
}

// Average and maximum pools run over all of height and width of an image, and nothing else.
std::string float_only(const Graph& graph, const Node& node) {
  const size_t rank = input_shape(graph, node, 0).size();
  const auto axes = node.get_ints("axes");
  const bool spatial = rank >= 3 && axes.size() == rank - 2 && axes.front() == 2;
  const bool pools = node.op == "ReduceMean" || node.op == "ReduceSum" || node.op == "ReduceMax";
  if (!pools) return node.op + " has no quantized form";
  return spatial ? "" : node.op + " over axes other than height and width";
}

constexpr OpDef reduce_op(const char* name) {
  return {name, normalize, check, infer, run, float_only};
}

}  // namespace

const OpDef kOpReduceMean = reduce_op("ReduceMean");
const OpDef kOpReduceSum = reduce_op("ReduceSum");
const OpDef kOpReduceMax = reduce_op("ReduceMax");
const OpDef kOpReduceMin = reduce_op("ReduceMin");
const OpDef kOpReduceProd = reduce_op("ReduceProd");
const OpDef kOpReduceL2 = reduce_op("ReduceL2");

}  // namespace weq::convert
