// Softmax and LogSoftmax: float at the end of a graph, else requantized.
#include <algorithm>
#include <climits>
#include <cmath>

#include "converters/lower/list.h"

namespace weq::convert {
namespace {

// What the runtime compares thresholds with (weq.fbs): round(p * 2^24), or round(log p * 2^16).
constexpr double kProbabilityOne = 16777216.0, kLogOne = 65536.0;

}  // namespace

void lower_softmax(Lowering& to, const Node& node) {
  const size_t rank = to.graph().value(node.inputs[0]).shape.size();
  int64_t axis = node.get_int("axis", -1);
  if (axis < 0) axis += static_cast<int64_t>(rank);
  format::SoftmaxT softmax;
  softmax.axis = static_cast<uint8_t>(physical_axis(axis, rank));
  softmax.log = node.op == "LogSoftmax";
  if (to.storage(node.outputs[0]) == Storage::kBytes) {
    auto output = std::make_unique<format::RequantizedT>();
    const double one = softmax.log ? kLogOne : kProbabilityOne;
    for (double boundary : to.code_of_value(node.outputs[0]).boundaries) {
      const double t = std::ceil(boundary * one);
      output->thresholds.push_back(static_cast<int32_t>(std::clamp<double>(t, INT_MIN, INT_MAX)));
    }
    softmax.outputs.push_back(std::move(output));
  }
  to.add(node.name, std::move(softmax), {to.tensor(node.inputs[0])}, {to.define(node.outputs[0])});
}

}  // namespace weq::convert
