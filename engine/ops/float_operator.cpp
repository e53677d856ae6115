// FloatOperator: a layer left in float, run by the application's FloatRunner on ONNX axes: for
// three axes and more the last stored axis (channels) is axis 1. Constants among the inputs are
// stored in ONNX order and passed as they are.
#include "engine/ops/op.h"
#include "engine/runtime/port.h"

namespace weq {
namespace {

using format::FloatOperator;
using format::TensorType;

const FloatOperator& table(const NodeContext& c) { return *c.node->op_as_FloatOperator(); }

bool check(const NodeContext& c) {
  if (table(c).op_type()->size() == 0) return c.fail("op_type", "empty");
  if (table(c).constants() != nullptr && table(c).constants()->size() != 0)
    return c.fail("constants", "must be absent: constants are inputs");
  for (const auto* tensors : {&c.inputs, &c.outputs})
    for (const TensorInfo* tensor : *tensors)
      if (tensor->type != TensorType::Float)
        return c.fail(tensors == &c.inputs ? "inputs" : "outputs",
                      "tensor " + std::string(tensor->name) + " is not float");
  return true;
}

// Only the batch may differ from the nominal shapes: nobody here knows the operator.
bool infer(const NodeContext& c, Dims* outputs) {
  int64_t batch = 1;
  for (size_t i = 0; i < c.input_count(); ++i) {
    const Dims &now = c.input_shapes[i], &nominal = c.inputs[i]->shape;
    if (c.inputs[i]->constant != nullptr || now == nominal) continue;
    Dims scaled = nominal;
    if (now.rank > 0 && now[0] % nominal[0] == 0) {
      batch = now[0] / nominal[0];
      scaled[0] = now[0];
    }
    if (now != scaled) return c.fail("inputs", "a float layer runs at the nominal size only");
  }
  for (size_t k = 0; k < c.output_count(); ++k) {
    outputs[k] = c.outputs[k]->shape;
    if (outputs[k].rank > 0) outputs[k][0] *= batch;
  }
  return true;
}

class FloatPlan : public Plan {
 public:
  explicit FloatPlan(const PlanContext& c) : runner_(c.float_runner), table_(table(c)) {
    kernel = "float";
    reason = "left in float by the converter";
    add(c.inputs, c.input_shapes, &inputs_);
    add(c.outputs, c.output_shapes, &outputs_);
    input_tensors_.resize(inputs_.size());
    output_tensors_.resize(outputs_.size());
    point(inputs_, &input_tensors_);
    point(outputs_, &output_tensors_);
    for (size_t i = 0; i < inputs_.size(); ++i)
      if (inputs_[i].constant != nullptr)
        // Runners read their inputs only.
        input_tensors_[i].data =
            reinterpret_cast<float*>(const_cast<uint8_t*>(inputs_[i].constant));
  }

  bool prepare(PackedCache*) override {
    const auto* attributes = table_.attributes();
    handle_ = runner_->prepare(
        table_.op_type()->str(), attributes == nullptr ? nullptr : attributes->data(),
        attributes == nullptr ? 0 : attributes->size(), input_tensors_, output_tensors_, &failure);
    if (handle_ < 0 && failure.empty()) failure = "the float runner refused it";
    return handle_ >= 0;
  }

  void run(const RunContext& c) const override {
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const Operand& operand = inputs_[i];
      if (operand.constant != nullptr) continue;
      auto* data = const_cast<float*>(c.float_in(i));
      if (operand.permuted) {
        data = reinterpret_cast<float*>(c.scratch + operand.scratch);
        read_float(operand.map, c.inputs[i], data);
      }
      input_tensors_[i].data = data;
    }
    for (size_t k = 0; k < outputs_.size(); ++k)
      output_tensors_[k].data = outputs_[k].permuted
                                    ? reinterpret_cast<float*>(c.scratch + outputs_[k].scratch)
                                    : c.float_out(k);
    runner_->run(handle_, input_tensors_.data(), static_cast<int>(inputs_.size()),
                 output_tensors_.data(), static_cast<int>(outputs_.size()));
    for (size_t k = 0; k < outputs_.size(); ++k)
      if (outputs_[k].permuted)
        write_float(outputs_[k].map, nullptr, output_tensors_[k].data, c.outputs[k]);
  }

 private:
  struct Operand {
    PortMap map;
    const uint8_t* constant = nullptr;
    bool permuted = false;
    size_t scratch = 0;
  };

  void add(const std::vector<const TensorInfo*>& tensors, const std::vector<Dims>& shapes,
           std::vector<Operand>* operands) {
    for (size_t i = 0; i < tensors.size(); ++i) {
      Operand operand;
      operand.constant = tensors[i]->constant;
      operand.permuted = operand.constant == nullptr && shapes[i].rank > 2;
      operand.map = operand.permuted ? make_onnx_map(*tensors[i], shapes[i])
                                     : make_port_map(*tensors[i], shapes[i], nullptr);
      if (operand.permuted) {
        operand.scratch = scratch_bytes;
        scratch_bytes +=
            kernels::round_up(operand.map.count() * sizeof(float), kernels::kAlignment);
      }
      operands->push_back(operand);
    }
  }
  // Shapes of `tensors` lie in `operands`, which must not move any more.
  static void point(const std::vector<Operand>& operands,
                    std::vector<FloatRunner::Tensor>* tensors) {
    for (size_t i = 0; i < operands.size(); ++i)
      (*tensors)[i] = {nullptr, operands[i].map.user.d, operands[i].map.user.rank};
  }

  FloatRunner* runner_;
  const FloatOperator& table_;
  std::vector<Operand> inputs_, outputs_;
  mutable std::vector<FloatRunner::Tensor> input_tensors_, output_tensors_;  // one thread at a time
  int handle_ = -1;
};

std::unique_ptr<Plan> plan(const PlanContext& c) {
  if (c.float_runner == nullptr) {
    c.fail("op", table(c).op_type()->str() +
                     " was left in float; the session needs a float_runner for it");
    return nullptr;
  }
  return std::make_unique<FloatPlan>(c);
}

}  // namespace

const Operator float_operator = {"FloatOperator", 1, 256, 1, 64, check, infer, plan};

}  // namespace weq
