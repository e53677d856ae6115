// MaxPool and AveragePool over one or two spatial axes. Canonical attributes: kernel_shape strides
// dilations pads ceil_mode; AveragePool: count_include_pad. AveragePool may carry a fused
// activation. Padding never wins a maximum; it counts in an average only with count_include_pad,
// and positions that ceil_mode adds beyond it never do.
#include <algorithm>
#include <limits>

#include "converters/ops/list.h"
#include "converters/ops/unary.h"
#include "converters/ops/window.h"

namespace weq::convert {
namespace {

void normalize(Graph&, Node& node) {
  default_int(node, "ceil_mode", 0);
  if (node.op == "AveragePool") default_int(node, "count_include_pad", 0);
}

std::string check(const Graph& graph, const Node& node) {
  if (node.get_ints("kernel_shape").empty()) {
    return node.op + " without kernel_shape; export the model again";
  }
  const std::string inputs = arity(graph, node, 1, 1);
  return inputs.empty() ? check_window(node) : inputs;
}

void infer(Graph& graph, Node& node) {
  require(node, check(graph, node));
  const Shape& x = float_input(graph, node, 0);
  const auto kernel = node.get_ints("kernel_shape");
  if (x.size() < 3 || x.size() > 4 || kernel.size() + 2 != x.size()) {
    fail(node, node.op + " of an input " + to_string(x) + " with a kernel " + to_string(kernel) +
                   " is not supported; one or two spatial axes are");
  }
  resolve_window(node, Shape(x.begin() + 2, x.end()), kernel);
  const Window2d window = window_of(node);
  const bool ceil_mode = node.get_int("ceil_mode", 0) != 0;
  Shape y = {x[0], x[1]};
  for (size_t i = 0; i < kernel.size(); ++i) {
    y.push_back(window_count(window[2 - kernel.size() + i], x[i + 2], ceil_mode));
    if (y.back() < 1) {
      fail(node, "the kernel " + to_string(kernel) + " is larger than the padded input " +
                     to_string(x) + "; use a larger input");
    }
  }
  set_output(graph, node, 0, std::move(y));
}

// Along one axis, for every output position: which taps [first, last) meet the input, where the
// first of them lies, and how many positions an average counts.
struct Taps {
  int64_t count = 0, start = 0, divisor = 0;
};

std::vector<Taps> taps_of(const AxisWindow& axis, int64_t size, int64_t outputs, bool include_pad) {
  std::vector<Taps> result(static_cast<size_t>(outputs));
  for (int64_t o = 0; o < outputs; ++o) {
    Taps& taps = result[static_cast<size_t>(o)];
    for (int64_t k = axis.kernel; k-- > 0;) {
      const int64_t at = o * axis.stride - axis.pad_begin + k * axis.dilation;
      const bool inside = at >= 0 && at < size;
      if (inside) {
        ++taps.count;
        taps.start = at;
      }
      if (inside || (include_pad && at < size + axis.pad_end)) ++taps.divisor;
    }
  }
  return result;
}

// Combines rows, then columns: few passes over contiguous memory, in a fixed order.
template <class Combine, class Finish>
void pool(const Node& node, const Tensor& x, Tensor* y, float neutral, bool include_pad,
          Combine combine, Finish finish) {
  const Image in = image_of(x.shape);
  const Image out = image_of(y->shape);
  const Window2d window = window_of(node);
  const auto rows = taps_of(window[0], in.h, out.h, include_pad);
  const auto columns = taps_of(window[1], in.w, out.w, include_pad);
  std::vector<float> line(static_cast<size_t>(in.w));
  float* to = y->f.data();
  for (int64_t plane = 0; plane < in.n * in.c; ++plane) {
    const float* from = x.f.data() + plane * in.h * in.w;
    for (const Taps& row : rows) {
      std::fill(line.begin(), line.end(), neutral);
      for (int64_t k = 0; k < row.count; ++k) {
        const float* source = from + (row.start + k * window[0].dilation) * in.w;
        for (int64_t i = 0; i < in.w; ++i) line[i] = combine(line[i], source[i]);
      }
      for (const Taps& column : columns) {
        float value = neutral;
        for (int64_t k = 0; k < column.count; ++k) {
          value = combine(value, line[column.start + k * window[1].dilation]);
        }
        *to++ = finish(value, row.divisor * column.divisor);
      }
    }
  }
}

void run_max(const Node& node, const std::vector<const Tensor*>& inputs,
             const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  pool(
      node, *inputs[0], outputs[0], -std::numeric_limits<float>::infinity(), false,
      [](float a, float b) { return a < b ? b : a; }, [](float v, int64_t) { return v; });
}

void run_average(const Node& node, const std::vector<const Tensor*>& inputs,
                 const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  pool(
      node, *inputs[0], outputs[0], 0.0f, node.get_int("count_include_pad", 0) != 0,
      [](float a, float b) { return a + b; },
      [](float v, int64_t n) { return n == 0 ? 0.0f : v / static_cast<float>(n); });
  apply_fused_activation(node, outputs[0]);
}

std::string average_float_only(const Graph&, const Node& node) {
  for (const int64_t dilation : node.get_ints("dilations")) {
    if (dilation != 1) return "AveragePool with dilation";
  }
  return "";
}

}  // namespace

const OpDef kOpMaxPool = {"MaxPool", normalize, check, infer, run_max, accept};
const OpDef kOpAveragePool = {"AveragePool", normalize,   check,
                              infer,         run_average, average_float_only};

}  // namespace weq::convert
