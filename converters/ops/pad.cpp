// Pad. Canonical attributes: pads (begins, then ends, of all axes; negative ones crop), mode
// (constant, reflect, edge), value. Opset 11 moved pads and value to inputs, 18 added axes.
#include "converters/ops/elementwise.h"
#include "converters/ops/list.h"

namespace weq::convert {
namespace {

void normalize(Graph& graph, Node& node) {
  take_ints(graph, node, 3, "axes");
  take_float(graph, node, 2, "value");
  take_ints(graph, node, 1, "pads");
  default_float(node, "value", 0.0f);
  if (!node.has("mode")) node.attributes["mode"] = std::string("constant");
}

std::string check(const Graph& graph, const Node& node) {
  const std::string mode = node.get_string("mode", "constant");
  if (mode != "constant" && mode != "reflect" && mode != "edge") {
    return "Pad mode " + mode + " is not supported; use constant, reflect or edge";
  }
  const std::string inputs = arity(graph, node, 1, 4);
  if (!inputs.empty()) return inputs;
  const char* const names[] = {"", "pads", "value", "axes"};
  for (size_t i = 1; i <= 3; ++i) {
    if (has_input(node, i)) return computed(node, i, names[i]);
  }
  return "";
}

void infer(Graph& graph, Node& node) {
  require(node, check(graph, node));
  const Value& x = input_value(graph, node, 0);
  const size_t rank = x.shape.size();
  auto pads = node.get_ints("pads");
  if (node.has("axes")) {
    const auto axes = node.get_ints("axes");
    resolve_axes(node, axes, rank);  // refuses repetitions
    if (pads.size() != 2 * axes.size()) fail(node, "pads and axes of Pad differ in length");
    std::vector<int64_t> full(2 * rank, 0);
    for (size_t i = 0; i < axes.size(); ++i) {
      const size_t axis = resolve_axis(node, axes[i], rank);
      full[axis] = pads[i];
      full[axis + rank] = pads[i + axes.size()];
    }
    pads = std::move(full);
    node.attributes.erase("axes");
  }
  if (pads.size() != 2 * rank) {
    fail(node, "Pad with " + std::to_string(pads.size()) + " pads of an input of rank " +
                   std::to_string(rank) + "; export the model again");
  }
  const std::string mode = node.get_string("mode", "constant");
  Shape y;
  for (size_t i = 0; i < rank; ++i) {
    const int64_t most = std::max(pads[i], pads[i + rank]);
    if ((mode == "reflect" && most >= x.shape[i] && most > 0) ||
        (mode == "edge" && most > 0 && x.shape[i] == 0)) {
      fail(node, "Pad mode " + mode + " by " + std::to_string(most) + " of an axis of " +
                     std::to_string(x.shape[i]) + "; use smaller pads");
    }
    y.push_back(x.shape[i] + pads[i] + pads[i + rank]);
    if (y.back() < 0) fail(node, "Pad crops more than there is; check the input shape");
  }
  node.attributes["pads"] = std::move(pads);
  set_output(graph, node, 0, std::move(y), x.dtype);
}

// Where each position of an output axis comes from; -1: the constant.
std::vector<int64_t> sources(const std::string& mode, int64_t begin, int64_t size,
                             int64_t outputs) {
  std::vector<int64_t> result;
  for (int64_t o = 0; o < outputs; ++o) {
    int64_t at = o - begin;
    if (at < 0 || at >= size) {
      if (mode == "constant") at = -1;
      if (mode == "edge") at = at < 0 ? 0 : size - 1;
      if (mode == "reflect") at = at < 0 ? -at : 2 * (size - 1) - at;
    }
    result.push_back(at);
  }
  return result;
}

template <class T>
class Padder {
 public:
  Padder(const Node& node, const Tensor& x, const Shape& y, const T* from, T* to, T value)
      : shape_(y), strides_(row_strides(x.shape)), from_(from), to_(to), value_(value) {
    const auto pads = node.get_ints("pads");
    for (size_t i = 0; i < y.size(); ++i) {
      sources_.push_back(sources(node.get_string("mode", "constant"), pads[i], x.shape[i], y[i]));
    }
  }

  void fill(size_t axis, const T* from) {
    if (axis == shape_.size()) {
      *to_++ = from == nullptr ? value_ : *from;
      return;
    }
    for (const int64_t at : sources_[axis]) {
      fill(axis + 1, from == nullptr || at < 0 ? nullptr : from + at * strides_[axis]);
    }
  }
  void run() { fill(0, from_); }

 private:
  const Shape& shape_;
  std::vector<int64_t> strides_;
  std::vector<std::vector<int64_t>> sources_;
  const T* from_;
  T* to_;
  T value_;
};

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Tensor& x = *inputs[0];
  Tensor* y = outputs[0];
  const float value = node.get_float("value", 0.0f);
  if (x.dtype == DType::kFloat) {
    Padder<float>(node, x, y->shape, x.f.data(), y->f.data(), value).run();
  } else {
    Padder<int64_t>(node, x, y->shape, x.i.data(), y->i.data(), static_cast<int64_t>(value)).run();
  }
}

std::string float_only(const Graph&, const Node& node) {
  for (const int64_t pad : node.get_ints("pads")) {
    if (pad < 0) return "Pad that crops; use Slice";
  }
  return "";
}

}  // namespace

const OpDef kOpPad = {"Pad", normalize, check, infer, run, float_only};

}  // namespace weq::convert
