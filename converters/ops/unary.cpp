#include "converters/ops/unary.h"

#include <cmath>
#include <limits>

namespace weq::convert {
namespace {

using Params = std::vector<float>;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

Params none(const Node&) { return {}; }

template <class F>
void loop(const float* x, float* y, int64_t count, F f) {
  for (int64_t i = 0; i < count; ++i) y[i] = f(x[i]);
}

float sigmoid(float x) {
  const float e = std::exp(-std::fabs(x));
  return x >= 0 ? 1.0f / (1.0f + e) : e / (1.0f + e);
}
float softplus(float x) { return std::max(x, 0.0f) + std::log1p(std::exp(-std::fabs(x))); }
float gelu_tanh(float x) {
  return 0.5f * x * (1.0f + std::tanh(0.797884561f * (x + 0.044715f * x * x * x)));
}
float gelu(float x) { return 0.5f * x * (1.0f + std::erf(x * 0.707106781f)); }
float unit_clamp(float x) { return std::max(0.0f, std::min(1.0f, x)); }

// A function without parameters.
template <float (*F)(float)>
void map(const Params&, const float* x, float* y, int64_t count) {
  loop(x, y, count, F);
}

float relu(float x) { return x > 0 ? x : 0.0f; }
float tanh(float x) { return std::tanh(x); }
float hard_swish(float x) { return x * unit_clamp(x * (1.0f / 6.0f) + 0.5f); }
float softsign(float x) { return x / (1.0f + std::fabs(x)); }
float mish(float x) { return x * std::tanh(softplus(x)); }
float erf(float x) { return std::erf(x); }
float abs(float x) { return std::fabs(x); }
float neg(float x) { return -x; }
float sqrt(float x) { return std::sqrt(x); }
float exp(float x) { return std::exp(x); }
float log(float x) { return std::log(x); }
float reciprocal(float x) { return 1.0f / x; }
float floor(float x) { return std::floor(x); }
float ceil(float x) { return std::ceil(x); }
float round(float x) { return std::nearbyint(x); }  // halves to even, as ONNX says
float sign(float x) { return static_cast<float>((x > 0) - (x < 0)); }

void leaky_relu(const Params& p, const float* x, float* y, int64_t count) {
  loop(x, y, count, [a = p[0]](float v) { return v >= 0 ? v : a * v; });
}
void clip(const Params& p, const float* x, float* y, int64_t count) {
  loop(x, y, count, [lo = p[0], hi = p[1]](float v) { return std::min(hi, std::max(lo, v)); });
}
void hard_sigmoid(const Params& p, const float* x, float* y, int64_t count) {
  loop(x, y, count, [a = p[0], b = p[1]](float v) { return unit_clamp(a * v + b); });
}
void elu(const Params& p, const float* x, float* y, int64_t count) {
  loop(x, y, count, [a = p[0]](float v) { return v >= 0 ? v : a * std::expm1(v); });
}
void celu(const Params& p, const float* x, float* y, int64_t count) {
  loop(x, y, count, [a = p[0]](float v) { return v >= 0 ? v : a * std::expm1(v / a); });
}
void selu(const Params& p, const float* x, float* y, int64_t count) {
  loop(x, y, count, [a = p[0], g = p[1]](float v) { return g * (v > 0 ? v : a * std::expm1(v)); });
}
void thresholded_relu(const Params& p, const float* x, float* y, int64_t count) {
  loop(x, y, count, [a = p[0]](float v) { return v > a ? v : 0.0f; });
}
void gelu_either(const Params& p, const float* x, float* y, int64_t count) {
  if (p[0] != 0) {
    loop(x, y, count, gelu_tanh);
  } else {
    loop(x, y, count, gelu);
  }
}

const Unary kUnary[] = {
    {"Relu", none, map<relu>},
    {"LeakyRelu", [](const Node& n) { return Params{n.get_float("alpha", 0.01f)}; }, leaky_relu},
    {"Clip",
     [](const Node& n) {
       return Params{n.get_float("min", -kInfinity), n.get_float("max", kInfinity)};
     },
     clip},
    {"Sigmoid", none, map<sigmoid>},
    {"Tanh", none, map<tanh>},
    {"HardSigmoid",
     [](const Node& n) {
       return Params{n.get_float("alpha", 0.2f), n.get_float("beta", 0.5f)};
     },
     hard_sigmoid},
    {"HardSwish", none, map<hard_swish>},
    {"Elu", [](const Node& n) { return Params{n.get_float("alpha", 1.0f)}; }, elu},
    {"Celu", [](const Node& n) { return Params{n.get_float("alpha", 1.0f)}; }, celu},
    {"Selu",
     [](const Node& n) {
       return Params{n.get_float("alpha", 1.67326319f), n.get_float("gamma", 1.05070102f)};
     },
     selu},
    {"ThresholdedRelu", [](const Node& n) { return Params{n.get_float("alpha", 1.0f)}; },
     thresholded_relu},
    {"Softplus", none, map<softplus>},
    {"Softsign", none, map<softsign>},
    {"Mish", none, map<mish>},
    {"Gelu",
     [](const Node& n) {
       return Params{n.get_string("approximate", "none") == "tanh" ? 1.0f : 0.0f};
     },
     gelu_either},
    {"Erf", none, map<erf>},
    {"Abs", none, map<abs>},
    {"Neg", none, map<neg>},
    {"Sqrt", none, map<sqrt>},
    {"Exp", none, map<exp>},
    {"Log", none, map<log>},
    {"Reciprocal", none, map<reciprocal>},
    {"Floor", none, map<floor>},
    {"Ceil", none, map<ceil>},
    {"Round", none, map<round>},
    {"Sign", none, map<sign>},
};

}  // namespace

const Unary* find_unary(const std::string& name) {
  for (const Unary& unary : kUnary) {
    if (name == unary.name) return &unary;
  }
  return nullptr;
}

void apply_fused_activation(const Node& node, Tensor* y) {
  const std::string name = node.get_string("activation", "");
  if (name.empty()) return;
  const Unary* unary = find_unary(name);
  if (unary == nullptr) fail(node, "unknown fused activation " + name);
  std::vector<float> params = node.get_floats("activation_params");
  const std::vector<float> defaults = unary->params(Node{});
  for (size_t i = params.size(); i < defaults.size(); ++i) params.push_back(defaults[i]);
  unary->apply(params, y->f.data(), y->f.data(), static_cast<int64_t>(y->f.size()));
}

void run_unary(const Node& node, const std::vector<const Tensor*>& inputs,
               const std::vector<Tensor*>& outputs, std::shared_ptr<void>*) {
  const Unary* unary = find_unary(node.op);
  const Tensor& x = *inputs[0];
  unary->apply(unary->params(node), x.f.data(), outputs[0]->f.data(),
               static_cast<int64_t>(x.f.size()));
}

}  // namespace weq::convert
