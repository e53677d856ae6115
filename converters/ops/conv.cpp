// Conv. Inputs: x [N,C], [N,C,L] or [N,C,H,W]; weights [M, C/group, kernel...]; bias [M] or left
// out; residual (see README). [N,C] is an image of one pixel, with weights [M,C,1,1].
// Canonical attributes: kernel_shape strides dilations pads group; `constant_weights` = 1 says that
// the weights' storage never changes.
#include "converters/ops/dnnl_conv.h"
#include "converters/ops/list.h"
#include "converters/ops/unary.h"

namespace weq::convert {
namespace {

void normalize(Graph&, Node& node) { default_int(node, "group", 1); }

std::string check(const Graph& graph, const Node& node) {
  const std::string inputs = arity(graph, node, 2, 4);
  return inputs.empty() ? check_window(node) : inputs;
}

void infer(Graph& graph, Node& node) {
  require(node, check(graph, node));
  const Shape& x = float_input(graph, node, 0);
  const Shape& w = float_input(graph, node, 1);
  const bool pixel = x.size() == 2;
  if (x.size() < 2 || x.size() > 4 || w.size() != (pixel ? 4 : x.size())) {
    fail(node, "Conv of an input " + to_string(x) + " with weights " + to_string(w) +
                   " is not supported; only one and two spatial axes are");
  }
  const Shape spatial(x.begin() + 2, x.end());
  const Shape kernel(w.begin() + 2, w.end());
  const auto stated = node.get_ints("kernel_shape");
  if (!stated.empty() && stated != kernel) {
    fail(node, "kernel_shape " + to_string(stated) + " does not match weights " + to_string(w) +
                   "; export the model again");
  }
  resolve_window(node, spatial, kernel);
  const int64_t group = node.get_int("group", 1);
  if (group < 1 || x[1] != w[1] * group || w[0] % group != 0 || w[0] == 0) {
    fail(node, "weights " + to_string(w) + " in " + std::to_string(group) +
                   " groups do not fit an input " + to_string(x) + "; check the input shape");
  }
  if (has_input(node, 2) && node.get_int("residual_input", -1) != 2 &&
      float_input(graph, node, 2) != Shape{w[0]}) {
    fail(node, "the bias must hold one number per output channel; export the model again");
  }
  const Image image = image_of(x);
  const Window2d window = window_of(node);
  Shape y = {x[0], w[0]};
  const int64_t h = window_count(window[0], image.h);
  const int64_t v = window_count(window[1], image.w);
  if (h < 1 || v < 1) {
    fail(node, "the kernel " + to_string(kernel) + " is larger than the padded input " +
                   to_string(x) + "; use a larger input");
  }
  if (x.size() == 4) y.push_back(h);
  if (x.size() >= 3) y.push_back(v);
  const int64_t residual = node.get_int("residual_input", -1);
  if (residual >= 0 && float_input(graph, node, static_cast<size_t>(residual)) != y) {
    fail(node, "the residual must have the output's shape " + to_string(y));
  }
  node.attributes["constant_weights"] = int64_t{is_constant_input(graph, node, 1)};
  set_output(graph, node, 0, std::move(y));
}

// What oneDNN can apply exactly; the others follow as loops of ours.
bool fuse(const Node& node, ConvShape* shape) {
  const std::string name = node.get_string("activation", "");
  const auto params = node.get_floats("activation_params");
  if (name == "Relu" || name == "LeakyRelu") {
    shape->activation = ConvShape::Activation::kRelu;
    if (name == "LeakyRelu") shape->slope = params.empty() ? 0.01f : params[0];
    return true;
  }
  if (name == "Clip" && params.size() == 2) {
    shape->activation = ConvShape::Activation::kClip;
    shape->low = params[0];
    shape->high = params[1];
    return true;
  }
  return false;
}

void run(const Node& node, const std::vector<const Tensor*>& inputs,
         const std::vector<Tensor*>& outputs, std::shared_ptr<void>* state) {
  const Tensor& x = *inputs[0];
  Tensor& y = *outputs[0];
  if (y.f.empty()) return;
  const int64_t residual_index = node.get_int("residual_input", -1);
  const Tensor* residual =
      residual_index < 0 ? nullptr : inputs[static_cast<size_t>(residual_index)];
  const Tensor* bias = inputs.size() > 2 && residual_index != 2 ? inputs[2] : nullptr;

  ConvShape shape;
  shape.x = image_of(x.shape);
  shape.y = image_of(y.shape);
  shape.groups = node.get_int("group", 1);
  shape.window = window_of(node);
  shape.bias = bias != nullptr;
  shape.residual = residual != nullptr;
  const bool fused = fuse(node, &shape);

  std::shared_ptr<DnnlConv> conv;
  if (state != nullptr) conv = std::static_pointer_cast<DnnlConv>(*state);
  if (conv == nullptr || !(conv->shape() == shape)) conv = std::make_shared<DnnlConv>(shape);
  if (state != nullptr) *state = conv;
  conv->run(x.f.data(), inputs[1]->f.data(), node.get_int("constant_weights", 0) != 0,
            bias ? bias->f.data() : nullptr, residual ? residual->f.data() : nullptr, y.f.data());
  if (!fused) apply_fused_activation(node, &y);
}

std::string float_only(const Graph& graph, const Node& node) {
  if (!is_constant_input(graph, node, 1)) return "Conv with weights that are computed at run time";
  if (has_input(node, 2) && node.get_int("residual_input", -1) != 2 &&
      !is_constant_input(graph, node, 2)) {
    return "Conv with a bias that is computed at run time";
  }
  return "";
}

}  // namespace

const OpDef kOpConv = {"Conv", normalize, check, infer, run, float_only};

}  // namespace weq::convert
