// ConvTranspose. Inputs: x [N,C,L] or [N,C,H,W]; weights [C, M/group, kernel...]; bias [M] or left
// out. Canonical attributes: kernel_shape strides dilations pads output_padding group; `auto_pad`
// and `output_shape` are resolved into pads.
#include <algorithm>

#include "converters/ops/list.h"
#include "converters/ops/product.h"
#include "converters/ops/window.h"

namespace weq::convert {
namespace {

void normalize(Graph&, Node& node) { default_int(node, "group", 1); }

std::string check(const Graph& graph, const Node& node) {
  const std::string inputs = arity(graph, node, 2, 3);
  return inputs.empty() ? check_window(node) : inputs;
}

// Pads from the output's size: total = stride * (in - 1) + output_padding + extent - out.
void resolve_pads(Node& node, const Shape& spatial) {
  const size_t axes = spatial.size();
  const std::string auto_pad = node.get_string("auto_pad", "NOTSET");
  const bool same = auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER";
  auto output_shape = node.get_ints("output_shape");
  node.attributes.erase("output_shape");
  if (same) node.attributes.erase("auto_pad");
  if (output_shape.empty() && !same) return;
  const auto kernel = node.get_ints("kernel_shape");
  const auto strides = node.get_ints("strides", std::vector<int64_t>(axes, 1));
  const auto dilations = node.get_ints("dilations", std::vector<int64_t>(axes, 1));
  auto extra = node.get_ints("output_padding");
  if (output_shape.size() > axes)
    output_shape.erase(output_shape.begin(), output_shape.end() - static_cast<int64_t>(axes));
  std::vector<int64_t> pads(2 * axes);
  for (size_t i = 0; i < axes; ++i) {
    const int64_t out = output_shape.empty() ? spatial[i] * strides[i] : output_shape[i];
    const int64_t extent = (kernel[i] - 1) * dilations[i] + 1;
    const int64_t total = strides[i] * (spatial[i] - 1) + extra[i] + extent - out;
    if (total < 0) {  // the output is larger than what the kernel reaches
      extra[i] -= total;
      continue;
    }
    pads[i] = auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
    pads[i + axes] = total - pads[i];
  }
  node.attributes["pads"] = std::move(pads);
  node.attributes["output_padding"] = std::move(extra);
}

void infer(Graph& graph, Node& node) {
  require(node, check(graph, node));
  const Shape& x = float_input(graph, node, 0);
  const Shape& w = float_input(graph, node, 1);
  const int64_t group = node.get_int("group", 1);
  if (x.size() < 3 || x.size() > 4 || w.size() != x.size() || x[1] != w[0] || group < 1 ||
      w[0] % group != 0) {
    fail(node, "ConvTranspose of " + to_string(x) + " with weights " + to_string(w) +
                   " is not supported; one or two spatial axes and matching channels are");
  }
  const Shape spatial(x.begin() + 2, x.end());
  const Shape kernel(w.begin() + 2, w.end());
  const size_t axes = spatial.size();
  if (node.get_ints("output_padding").empty()) {
    node.attributes["output_padding"] = std::vector<int64_t>(axes, 0);
  }
  node.attributes["kernel_shape"] = kernel;
  for (const char* key : {"strides", "dilations", "output_padding"}) {
    if (node.has(key) && !node.get_ints(key).empty() && node.get_ints(key).size() != axes) {
      fail(node, std::string(key) + " does not fit the input " + to_string(x));
    }
  }
  if (!node.get_ints("output_shape").empty() && node.get_ints("output_shape").size() < axes) {
    fail(node, "output_shape does not fit the input " + to_string(x));
  }
  resolve_pads(node, spatial);
  resolve_window(node, spatial, kernel);
  const Window2d window = window_of(node);
  const auto extra = node.get_ints("output_padding");
  Shape y = {x[0], w[1] * group};
  for (size_t i = 0; i < axes; ++i) {
    const AxisWindow& axis = window[2 - axes + i];
    y.push_back(axis.stride * (spatial[i] - 1) + extra[i] + axis.extent() - axis.pad_begin -
                axis.pad_end);
    if (y.back() < 1 || extra[i] < 0) {
      fail(node, "the pads leave nothing of the output; use smaller pads");
    }
  }
  if (has_input(node, 2) && float_input(graph, node, 2) != Shape{y[1]}) {
    fail(node, "the bias must hold one number per output channel; export the model again");
  }
  set_output(graph, node, 0, std::move(y));
}

// Adds the taps of one output channel, [kernel, pixels of x], onto its plane.
void scatter(const Image& x, const Image& y, const Window2d& window, const float* taps,
             float* plane) {
  const AxisWindow& ah = window[0];
  const AxisWindow& aw = window[1];
  for (int64_t ky = 0; ky < ah.kernel; ++ky) {
    for (int64_t kx = 0; kx < aw.kernel; ++kx, taps += x.h * x.w) {
      for (int64_t iy = 0; iy < x.h; ++iy) {
        const int64_t oy = iy * ah.stride - ah.pad_begin + ky * ah.dilation;
        if (oy < 0 || oy >= y.h) continue;
        for (int64_t ix = 0; ix < x.w; ++ix) {
          const int64_t ox = ix * aw.stride - aw.pad_begin + kx * aw.dilation;
          if (ox >= 0 && ox < y.w) plane[oy * y.w + ox] += taps[iy * x.w + ix];
        }
      }
    }
  }
}

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Image x = image_of(inputs[0]->shape);
  const Image y = image_of(outputs[0]->shape);
  const Window2d window = window_of(node);
  const int64_t groups = node.get_int("group", 1);
  const int64_t in_c = x.c / groups, out_c = y.c / groups, pixels = x.h * x.w;
  const int64_t kernel = window[0].kernel * window[1].kernel;
  const Tensor* bias = inputs.size() > 2 ? inputs[2] : nullptr;
  std::vector<float> taps(static_cast<size_t>(out_c * kernel * pixels));
  for (int64_t n = 0; n < x.n; ++n) {
    for (int64_t g = 0; g < groups; ++g) {
      const float* w = inputs[1]->f.data() + g * in_c * out_c * kernel;
      const float* from = inputs[0]->f.data() + (n * x.c + g * in_c) * pixels;
      matrix_product(true, false, out_c * kernel, pixels, in_c, 1.0f, w, from, 0.0f, taps.data());
      for (int64_t o = 0; o < out_c; ++o) {
        const int64_t channel = g * out_c + o;
        float* plane = outputs[0]->f.data() + (n * y.c + channel) * y.h * y.w;
        std::fill_n(plane, y.h * y.w, bias ? bias->f[static_cast<size_t>(channel)] : 0.0f);
        scatter(x, y, window, taps.data() + o * kernel * pixels, plane);
      }
    }
  }
}

std::string float_only(const Graph& graph, const Node& node) {
  if (!is_constant_input(graph, node, 1) ||
      (has_input(node, 2) && !is_constant_input(graph, node, 2))) {
    return "ConvTranspose with weights that are computed at run time";
  }
  return "";
}

}  // namespace

const OpDef kOpConvTranspose = {"ConvTranspose", normalize, check, infer, run, float_only};

}  // namespace weq::convert
