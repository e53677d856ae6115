#include "converters/onnx/build_graph.h"

#include <algorithm>
#include <set>

#include "converters/onnx/preflight.h"
#include "converters/onnx/read_tensor.h"
#include "converters/onnx/wiring.h"
#include "converters/ops/op.h"

namespace weq::convert {
namespace {

constexpr int64_t kFirstOpset = 7, kLastOpset = 21;
using AttributeProto = onnx::AttributeProto;

bool default_domain(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

int read_opset(const onnx::ModelProto& model) {
  int64_t opset = 0;
  for (const auto& entry : model.opset_import())
    if (default_domain(entry.domain())) opset = entry.version();
  if (opset < kFirstOpset || opset > kLastOpset)
    throw ConvertError("uses opset " + std::to_string(opset) +
                       " where 7 to 21 are supported; export it at opset 13 or 17");
  return static_cast<int>(opset);
}

std::string qualified_op(const onnx::NodeProto& node) {
  return default_domain(node.domain()) ? node.op_type() : node.domain() + "." + node.op_type();
}

// Files of the first version leave `type` out.
AttributeProto::AttributeType attribute_type(const AttributeProto& attribute) {
  if (attribute.has_type()) return attribute.type();
  if (attribute.has_f()) return AttributeProto::FLOAT;
  if (attribute.has_i()) return AttributeProto::INT;
  if (attribute.has_s()) return AttributeProto::STRING;
  if (attribute.has_t()) return AttributeProto::TENSOR;
  if (attribute.floats_size() > 0) return AttributeProto::FLOATS;
  return attribute.ints_size() > 0 ? AttributeProto::INTS : AttributeProto::UNDEFINED;
}

// Why the graph cannot hold the attribute; "" if it can.
std::string refuse_attribute(const AttributeProto& attribute) {
  switch (attribute_type(attribute)) {
    case AttributeProto::FLOAT:
    case AttributeProto::INT:
    case AttributeProto::STRING:
    case AttributeProto::FLOATS:
    case AttributeProto::INTS:
      return "";
    case AttributeProto::TENSOR:
      return widened_type(attribute.t().data_type()) ? "" : refuse_type(attribute.t().data_type());
    case AttributeProto::GRAPH:
    case AttributeProto::GRAPHS:
      return "attribute " + attribute.name() +
             " holds a subgraph, which is not supported; export the model with fixed control flow";
    default:
      return "attribute " + attribute.name() +
             " has a type that is not supported; export the model without it";
  }
}

void preflight_node(const onnx::NodeProto& node, const std::string& name, Preflight* preflight) {
  const std::string op = qualified_op(node);
  for (const auto& attribute : node.attribute()) {
    const std::string reason = refuse_attribute(attribute);
    if (reason.empty()) continue;
    preflight->refuse("layer " + name, op + ": " + reason);
    return;
  }
  if (find_op(op) != nullptr) return;
  preflight->refuse("layer " + name,
                    "operator " + op +
                        " is not supported; replace it by operators that are, or export the model "
                        "without it");
}

Attribute convert_attribute(AttributeProto& attribute, const std::string& folder) {
  switch (attribute_type(attribute)) {
    case AttributeProto::FLOAT:
      return attribute.f();
    case AttributeProto::INT:
      return attribute.i();
    case AttributeProto::STRING:
      return attribute.s();
    case AttributeProto::FLOATS:
      return std::vector<float>(attribute.floats().begin(), attribute.floats().end());
    case AttributeProto::INTS:
      return std::vector<int64_t>(attribute.ints().begin(), attribute.ints().end());
    default:
      return std::make_shared<const Tensor>(read_tensor(attribute.t(), folder));
  }
}

DeclaredInput declare_input(const onnx::ValueInfoProto& info) {
  DeclaredInput declared;
  const auto& type = info.type().tensor_type();
  declared.has_shape = type.has_shape();
  for (const auto& dim : type.shape().dim()) {
    const bool fixed = dim.has_dim_value() && dim.dim_value() > 0;
    declared.shape.push_back(fixed ? dim.dim_value() : -1);
    declared.names.push_back(dim.dim_param());
  }
  return declared;
}

class Builder {
 public:
  Builder(onnx::ModelProto& model, const std::string& folder)
      : proto_(*model.mutable_graph()), folder_(folder), wiring_(wire(proto_)) {
    built_.graph.opset = read_opset(model);
    built_.graph.name = proto_.name();
  }

  BuiltGraph build() {
    preflight();
    add_inputs();
    for (int index : wiring_.order) add_node(index);
    for (const auto& output : proto_.output())
      built_.graph.outputs.push_back(value_called(output.name()));
    return std::move(built_);
  }

 private:
  bool is_weight(const std::string& name) const { return wiring_.initializers.count(name) > 0; }

  void preflight() const {
    Preflight preflight;
    for (const auto& input : proto_.input()) {
      if (is_weight(input.name())) continue;
      if (!input.type().has_tensor_type())
        preflight.refuse("input " + input.name(),
                         "is not a tensor; export the model with tensors as inputs");
      else if (!widened_type(input.type().tensor_type().elem_type()))
        preflight.refuse("input " + input.name(),
                         refuse_type(input.type().tensor_type().elem_type()));
    }
    std::set<std::string> used;
    for (int index : wiring_.order) {
      const auto& node = proto_.node(index);
      preflight_node(node, wiring_.node_names[static_cast<size_t>(index)], &preflight);
      used.insert(node.input().begin(), node.input().end());
    }
    for (const auto& weight : proto_.initializer())
      if (used.count(weight.name()) > 0 && !widened_type(weight.data_type()))
        preflight.refuse("initializer " + weight.name(), refuse_type(weight.data_type()));
    for (const auto& weight : proto_.sparse_initializer())
      preflight.refuse("initializer " + weight.values().name(),
                       "is sparse, which is not supported; export the model with dense weights");
    preflight.finish();
  }

  void add_inputs() {
    for (const auto& input : proto_.input()) {
      if (is_weight(input.name())) continue;
      DeclaredInput declared = declare_input(input);
      declared.value = add_value(input.name());
      built_.graph.value(declared.value).dtype =
          widened_type(input.type().tensor_type().elem_type()).value();
      built_.graph.inputs.push_back(declared.value);
      built_.inputs.push_back(std::move(declared));
    }
  }

  ValueId add_value(const std::string& name) {
    Value value;
    value.name = name;
    const ValueId id = built_.graph.add_value(std::move(value));
    ids_[name] = id;
    return id;
  }

  ValueId value_called(const std::string& name) {
    if (name.empty()) return kNoValue;
    const auto known = ids_.find(name);
    if (known != ids_.end()) return known->second;
    const ValueId id = add_value(name);
    const auto weight = wiring_.initializers.find(name);
    if (weight != wiring_.initializers.end()) read_weight(weight->second, id);
    return id;
  }

  void read_weight(int index, ValueId id) {
    auto& proto = *proto_.mutable_initializer(index);
    Value& value = built_.graph.value(id);
    try {
      auto tensor = std::make_shared<Tensor>(read_tensor(proto, folder_));
      value.shape = tensor->shape;
      value.dtype = tensor->dtype;
      value.constant = std::move(tensor);
    } catch (const ConvertError& error) {
      throw ConvertError("initializer " + value.name + ": " + error.what());
    }
    proto.Clear();
  }

  void add_node(int index) {
    auto& proto = *proto_.mutable_node(index);
    Node node;
    node.op = qualified_op(proto);
    node.name = wiring_.node_names[static_cast<size_t>(index)];
    for (const std::string& name : proto.input()) node.inputs.push_back(value_called(name));
    for (const std::string& name : proto.output()) node.outputs.push_back(value_called(name));
    while (!node.inputs.empty() && node.inputs.back() == kNoValue) node.inputs.pop_back();
    while (!node.outputs.empty() && node.outputs.back() == kNoValue) node.outputs.pop_back();
    for (auto& attribute : *proto.mutable_attribute()) try {
        node.attributes[attribute.name()] = convert_attribute(attribute, folder_);
      } catch (const ConvertError& error) {
        throw ConvertError("layer " + node.name + ": attribute " + attribute.name() + " " +
                           error.what());
      }
    built_.graph.nodes.push_back(std::move(node));
  }

  onnx::GraphProto& proto_;
  const std::string folder_;
  const Wiring wiring_;
  BuiltGraph built_;
  std::map<std::string, ValueId> ids_;
};

}  // namespace

BuiltGraph build_graph(onnx::ModelProto& model, const std::string& folder) {
  return Builder(model, folder).build();
}

}  // namespace weq::convert
