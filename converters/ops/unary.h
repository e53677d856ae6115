// Functions of one number: operators of their own, fused activations, and (lowering) tables.
#pragma once

#include <string>
#include <vector>

#include "converters/ops/op.h"
#include "converters/ops/support.h"

namespace weq::convert {

struct Unary {
  const char* name;
  // Parameters from the attributes of a node, defaults filled in; order as `activation_params`.
  std::vector<float> (*params)(const Node& node);
  // y[i] = f(x[i]); x may be y.
  void (*apply)(const std::vector<float>& params, const float* x, float* y, int64_t count);
};

// The function called `name`, or nullptr.
const Unary* find_unary(const std::string& name);

// Computes the attributes `activation` and `activation_params` of `node`, if any, in place.
void apply_fused_activation(const Node& node, Tensor* y);

// Members of a unary operator's OpDef.
void run_unary(const Node& node, const std::vector<const Tensor*>& inputs,
               const std::vector<Tensor*>& outputs, std::shared_ptr<void>* state);
inline constexpr OpDef unary_op(const char* name, void (*normalize)(Graph&, Node&) = leave) {
  return {name, normalize, check_unary, infer_same_float, run_unary, accept};
}

}  // namespace weq::convert
