// The whole graph: nodes in order, then ports.
#include "converters/lower/list.h"

namespace weq::convert {
namespace {

std::unique_ptr<format::PortT> make_port(Lowering& to, ValueId id) {
  const Value& value = to.graph().value(id);
  auto port = std::make_unique<format::PortT>();
  port->tensor = to.tensor(id);
  port->name = value.name;
  for (size_t a = 0; a < value.shape.size(); ++a) {
    port->axes.push_back(
        static_cast<uint8_t>(physical_axis(static_cast<int64_t>(a), value.shape.size())));
  }
  return port;
}

}  // namespace

format::ModelT lower(const Graph& graph, const QuantizationPlan& plan) {
  Lowering to(graph, plan);
  for (size_t k = 0; k < graph.nodes.size(); ++k) {
    const Node& node = graph.nodes[k];
    const LowerFunction function =
        plan.choices[k].stays_float ? lower_float : find_lowering(node.op);
    if (!function) {
      throw ConvertError("layer " + node.name + ": " + node.op +
                         " does not run quantized; keep it in float with --allow-float");
    }
    function(to, node);
  }
  for (ValueId id : graph.inputs) to.model().inputs.push_back(make_port(to, id));
  for (ValueId id : graph.outputs) to.model().outputs.push_back(make_port(to, id));
  to.model().name = graph.name;
  return std::move(to.model());
}

}  // namespace weq::convert
