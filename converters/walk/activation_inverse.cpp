#include "converters/walk/activation_inverse.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weq::convert {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kAlways = -kNever;

using Params = std::vector<float>;

struct Monotone {
  const char* name;
  double (*apply)(double x, const Params& p);
  double (*inverse)(double y, const Params& p);
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// y beyond the range of a bounded function is never, or always, reached.
double bounded(double y, double low, double high, double inside) {
  return y <= low ? kAlways : y >= high ? kNever : inside;
}

const Monotone kMonotone[] = {
    {"Relu", [](double x, const Params&) { return std::max(x, 0.0); },
     [](double y, const Params&) { return y <= 0 ? kAlways : y; }},
    {"LeakyRelu", [](double x, const Params& p) { return x < 0 ? x * p[0] : x; },
     [](double y, const Params& p) {
       if (y >= 0) return y == 0 && p[0] == 0 ? kAlways : y;
       return p[0] == 0 ? kAlways : y / p[0];
     }},
    {"Clip",
     [](double x, const Params& p) {
       return std::min(std::max(x, static_cast<double>(p[0])), static_cast<double>(p[1]));
     },
     [](double y, const Params& p) { return y <= p[0]  ? kAlways
                                            : y > p[1] ? kNever
                                                       : y; }},
    {"Sigmoid", [](double x, const Params&) { return sigmoid(x); },
     [](double y, const Params&) { return bounded(y, 0, 1, std::log(y / (1 - y))); }},
    {"Tanh", [](double x, const Params&) { return std::tanh(x); },
     [](double y, const Params&) { return bounded(y, -1, 1, std::atanh(y)); }},
    {"HardSigmoid",
     [](double x, const Params& p) { return std::min(std::max(p[0] * x + p[1], 0.0), 1.0); },
     [](double y, const Params& p) {
       return y <= 0 ? kAlways : y > 1 ? kNever : (y - p[1]) / p[0];
     }},
    {"Elu", [](double x, const Params& p) { return x < 0 ? p[0] * std::expm1(x) : x; },
     [](double y, const Params& p) {
       return y >= 0 ? y : y <= -p[0] ? kAlways : std::log1p(y / p[0]);
     }},
    {"Selu", [](double x, const Params& p) { return p[1] * (x < 0 ? p[0] * std::expm1(x) : x); },
     [](double y, const Params& p) {
       const double z = y / p[1];
       return z >= 0 ? z : z <= -p[0] ? kAlways : std::log1p(z / p[0]);
     }},
    {"Softplus",
     [](double x, const Params&) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); },
     [](double y, const Params&) {
       return y <= 0 ? kAlways : y > 30 ? y : std::log(std::expm1(y));
     }},
    {"Softsign", [](double x, const Params&) { return x / (1 + std::abs(x)); },
     [](double y, const Params&) { return bounded(y, -1, 1, y / (1 - std::abs(y))); }},
};

const Monotone* find(const Node& node) {
  const std::string name = node.get_string("activation", "");
  if (name.empty()) return nullptr;
  for (const Monotone& m : kMonotone) {
    if (name == m.name) return &m;
  }
  throw ConvertError("layer " + node.name + ": activation " + name + " is not monotone");
}

}  // namespace

double inverse_activation(const Node& node, double y) {
  const Monotone* m = find(node);
  return m ? m->inverse(y, node.get_floats("activation_params")) : y;
}

void apply_activation(const Node& node, std::vector<float>* values) {
  const Monotone* m = find(node);
  if (!m) return;
  if (std::string("Relu") == m->name) {  // nearly all of them
    for (float& x : *values) x = std::max(x, 0.0f);
    return;
  }
  const Params params = node.get_floats("activation_params");
  for (float& x : *values) x = static_cast<float>(m->apply(static_cast<double>(x), params));
}

}  // namespace weq::convert
