#include "converters/float/executor.h"

#include <algorithm>

#include "converters/float/allocate.h"
#include "converters/ops/op.h"

namespace weq::convert {

namespace {

struct Step {
  const OpDef* op;
  std::vector<const Tensor*> inputs;
  std::vector<Tensor*> outputs;
  std::shared_ptr<void> state;
};

bool same_storage(const Value& a, const Value& b) {
  return (a.dtype == DType::kFloat) == (b.dtype == DType::kFloat) &&
         element_count(a.shape) == element_count(b.shape);
}

}  // namespace

struct FloatExecutor::Impl {
  // The caller's graph with the shapes of this batch; weights are shared with it.
  Graph graph;
  std::vector<Tensor> tensors;  // by value; empty where constant or unused
  std::vector<ValueId> owner;   // by value: the first value of the storage that it uses
  std::vector<ValueId> holder;  // by owner: the value that has the storage now
  std::vector<Step> steps;

  Impl(const Graph& original, int64_t batch) : graph(original) {
    set_batch(batch);
    plan();
  }

  const Tensor* read(ValueId id) {
    if (id == kNoValue) return nullptr;
    const Tensor* constant = graph.constant(id);
    return constant != nullptr ? constant : &tensors[static_cast<size_t>(id)];
  }

  void set_batch(int64_t batch) {
    if (batch < 1) throw ConvertError("a batch of " + std::to_string(batch) + " is not possible");
    bool batched = false;
    for (ValueId id : graph.inputs) {
      Value& value = graph.value(id);
      if (!value.batched) continue;
      value.shape.at(0) = batch;
      batched = true;
    }
    if (batch > 1 && !batched)
      throw ConvertError("the network's inputs have fixed shapes, so it cannot run at batch " +
                         std::to_string(batch) + "; run it at batch 1");
    for (Node& node : graph.nodes) {
      const OpDef* op = find_op(node.op);
      if (op == nullptr)
        throw ConvertError("layer " + node.name + ": operator " + node.op + " is not supported");
      op->infer(graph, node);
      steps.push_back({op, {}, {}, nullptr});
    }
  }

  // Storage passes from a value that is read for the last time to the next one of the same size.
  void plan() {
    const size_t nodes = graph.nodes.size();
    std::vector<size_t> last_read(graph.values.size(), 0);
    for (size_t n = 0; n < nodes; ++n)
      for (ValueId id : graph.nodes[n].inputs)
        if (id != kNoValue) last_read[static_cast<size_t>(id)] = n;
    for (ValueId id : graph.outputs) last_read[static_cast<size_t>(id)] = nodes;
    owner.assign(graph.values.size(), kNoValue);
    tensors.resize(graph.values.size());
    for (ValueId id : graph.inputs) owner[static_cast<size_t>(id)] = id;

    std::vector<ValueId> idle;
    for (size_t n = 0; n < nodes; ++n) {
      const Node& node = graph.nodes[n];
      for (ValueId id : node.outputs)
        if (id != kNoValue) owner[static_cast<size_t>(id)] = take_storage(id, &idle);
      std::vector<ValueId> done = node.inputs;
      done.insert(done.end(), node.outputs.begin(), node.outputs.end());
      std::sort(done.begin(), done.end());
      done.erase(std::unique(done.begin(), done.end()), done.end());
      for (ValueId id : done)
        if (id != kNoValue && graph.constant(id) == nullptr && !is_input(id) &&
            last_read[static_cast<size_t>(id)] <= n)
          idle.push_back(owner[static_cast<size_t>(id)]);
    }
    bind();
  }

  bool is_input(ValueId id) const {
    return std::find(graph.inputs.begin(), graph.inputs.end(), id) != graph.inputs.end();
  }

  ValueId take_storage(ValueId id, std::vector<ValueId>* idle) const {
    const auto fits = std::find_if(idle->begin(), idle->end(), [&](ValueId other) {
      return same_storage(graph.value(other), graph.value(id));
    });
    if (fits == idle->end()) return id;
    const ValueId storage = *fits;
    idle->erase(fits);
    return storage;
  }

  // A step's tensors are where their storage is; only the shape is set anew before each step.
  void bind() {
    for (size_t n = 0; n < steps.size(); ++n) {
      for (ValueId id : graph.nodes[n].inputs) steps[n].inputs.push_back(read(id));
      for (ValueId id : graph.nodes[n].outputs)
        steps[n].outputs.push_back(id == kNoValue ? nullptr : &tensors[static_cast<size_t>(id)]);
    }
  }

  // Moves the bytes under value `id` to it from whichever value of the same owner had them last.
  void claim(ValueId id) {
    Tensor& tensor = tensors[static_cast<size_t>(id)];
    ValueId& holding = holder[static_cast<size_t>(owner[static_cast<size_t>(id)])];
    if (holding != kNoValue && holding != id) {
      std::swap(tensor.f, tensors[static_cast<size_t>(holding)].f);
      std::swap(tensor.i, tensors[static_cast<size_t>(holding)].i);
    }
    holding = id;
    allocate(graph.value(id), &tensor);
  }

  void take_input(size_t index, const Tensor* given) {
    const ValueId id = graph.inputs[index];
    const Value& value = graph.value(id);
    if (given == nullptr) throw ConvertError("input " + value.name + ": is not given");
    if (given->dtype != value.dtype || given->shape != value.shape)
      throw ConvertError("input " + value.name + ": has shape " + to_string(given->shape) +
                         (given->dtype != value.dtype ? " or type" : "") +
                         " where the network takes " + to_string(value.shape) +
                         "; give an input of that shape and type");
    tensors[static_cast<size_t>(id)] = *given;
  }

  void run(const std::vector<const Tensor*>& inputs, const Observer& observe) {
    if (inputs.size() != graph.inputs.size())
      throw ConvertError("the network takes " + std::to_string(graph.inputs.size()) +
                         " inputs, not " + std::to_string(inputs.size()));
    holder.resize(graph.values.size(), kNoValue);
    for (size_t i = 0; i < inputs.size(); ++i) {
      take_input(i, inputs[i]);
      if (observe) observe(graph.inputs[i], tensors[static_cast<size_t>(graph.inputs[i])]);
    }
    for (size_t n = 0; n < steps.size(); ++n) {
      Step& step = steps[n];
      const Node& node = graph.nodes[n];
      for (ValueId id : node.outputs)
        if (id != kNoValue) claim(id);
      step.op->run(node, step.inputs, step.outputs, &step.state);
      if (!observe) continue;
      for (ValueId id : node.outputs)
        if (id != kNoValue) observe(id, tensors[static_cast<size_t>(id)]);
    }
  }
};

FloatExecutor::FloatExecutor(const Graph& graph, int64_t batch)
    : impl_(std::make_unique<Impl>(graph, batch)) {}
FloatExecutor::~FloatExecutor() = default;
FloatExecutor::FloatExecutor(FloatExecutor&&) noexcept = default;

void FloatExecutor::run(const std::vector<const Tensor*>& inputs, const Observer& observe) {
  impl_->run(inputs, observe);
}

const Tensor& FloatExecutor::output(size_t index) const {
  return *impl_->read(impl_->graph.outputs.at(index));
}

}  // namespace weq::convert
