#include "converters/report/compare.h"

#include <map>

#include "converters/float/executor.h"
#include "converters/float/layer_runner.h"
#include "converters/report/metrics.h"

namespace weq::convert {
namespace {

// The value that a graph output's figures are taken from: before a closing softmax, which hides
// errors, seen through nodes that only reshape.
ValueId measured_value(const Graph& graph, ValueId output) {
  ValueId id = output;
  for (;;) {
    const int producer = graph.producer(id);
    if (producer < 0) return output;
    const Node& node = graph.nodes[static_cast<size_t>(producer)];
    if (node.op == "Softmax" || node.op == "LogSoftmax") return node.inputs[0];
    if (node.op != "Reshape" && node.op != "Flatten" && node.op != "Squeeze" &&
        node.op != "Unsqueeze" && node.op != "Identity") {
      return output;
    }
    id = node.inputs[0];
  }
}

// What is compared: values of the float graph, and where they stand in the results.
struct Plan {
  std::vector<ValueId> values;
  std::vector<std::string> layers;  // name of the layer that writes each
  std::map<ValueId, size_t> place;  // value -> index in the two above
  std::vector<size_t> outputs;      // per graph output: the value it is measured at
};

Plan make_plan(const Graph& graph) {
  Plan plan;
  const auto add = [&](ValueId id, const std::string& layer) {
    const auto [at, added] = plan.place.emplace(id, plan.values.size());
    if (added) {
      plan.values.push_back(id);
      plan.layers.push_back(layer);
    }
    return at->second;
  };
  for (const Node& node : graph.nodes) {
    for (const ValueId id : node.outputs) {
      if (id != kNoValue && graph.value(id).dtype == DType::kFloat) add(id, node.name);
    }
  }
  for (const ValueId id : graph.outputs) {
    plan.outputs.push_back(add(measured_value(graph, id), graph.value(id).name));
  }
  return plan;
}

struct ImageResult {
  bool agrees = false, right_float = false, right = false;
  std::vector<SignalToNoise> values;  // as in the plan
  std::vector<bool> held;             // the .weq file holds the value
  SignalToNoise outputs;
};

class Worker {
 public:
  Worker(const Network& reference, const Network& quantized, const DataSource& data,
         const Plan& plan, const EvaluateOptions& call)
      : graph_(*reference.graph),
        quantized_(quantized),
        data_(data),
        plan_(plan),
        executor_(graph_),
        floats_(plan.values.size()) {
    SessionOptions options;
    options.keep_tensors = true;
    options.isa = call.isa;
    options.tuning = call.tuning;
    options.float_runner = float_layers_.get();
    check(Session::create(quantized.model, options, &session_));
  }

  ImageResult run(int64_t index) {
    const Record record = data_.read(index);
    executor_.run({&record.input}, [&](ValueId id, const Tensor& tensor) {
      const auto at = plan_.place.find(id);
      if (at != plan_.place.end()) floats_[at->second] = tensor.f;
    });
    if (takes_bytes(session_->inputs()[0], quantized_, record)) {
      check(session_->set_input_image(0, record.image.data(), record.image.size()));
    } else {
      check(session_->set_input_float(0, record.input.f.data(), record.input.f.size()));
    }
    check(session_->run());

    ImageResult result;
    result.values.resize(plan_.values.size());
    result.held.resize(plan_.values.size());
    for (size_t i = 0; i < plan_.values.size(); ++i) {
      const std::string& name = graph_.value(plan_.values[i]).name;
      if (!session_->get_tensor_float(name, &levels_).ok()) continue;
      if (levels_.size() != floats_[i].size()) continue;
      result.held[i] = true;
      result.values[i].add(floats_[i].data(), levels_.data(), levels_.size());
    }
    for (size_t o = 0; o < plan_.outputs.size(); ++o) add_output(o, &result);
    compare_classes(index, &result);
    return result;
  }

 private:
  void add_output(size_t output, ImageResult* result) {
    const size_t at = plan_.outputs[output];
    if (result->held[at]) {
      result->outputs.merge(result->values[at]);
      return;
    }
    // Not among the file's tensors: measured where the graph ends.
    const Tensor& reference = executor_.output(output);
    const std::vector<float> values = read_output(output);
    result->outputs.add(reference.f.data(), values.data(), values.size());
  }

  std::vector<float> read_output(size_t output) const {
    const Shape& shape = session_->outputs()[output].shape;
    std::vector<float> values(static_cast<size_t>(element_count(shape)));
    check(session_->get_output_float(output, values.data(), values.size()));
    return values;
  }

  void compare_classes(int64_t index, ImageResult* result) const {
    const std::vector<float>& reference = executor_.output(0).f;
    const std::vector<float> values = read_output(0);
    const size_t best_float = arg_max(reference.data(), reference.size());
    const size_t best = arg_max(values.data(), values.size());
    result->agrees = best_float == best;
    if (!data_.has_labels()) return;
    const int64_t label = data_.label(index);
    require_label(label, values.size(), index);
    result->right_float = best_float == static_cast<size_t>(label);
    result->right = best == static_cast<size_t>(label);
  }

  const Graph& graph_;
  const Network& quantized_;
  const DataSource& data_;
  const Plan& plan_;
  FloatExecutor executor_;
  std::unique_ptr<FloatRunner> float_layers_ = make_layer_runner();
  std::unique_ptr<Session> session_;
  std::vector<std::vector<float>> floats_;  // as in the plan
  std::vector<float> levels_;
};

void require_a_pair(const Network& reference, const Network& quantized) {
  if (!reference.graph || !quantized.model) {
    throw ConvertError("compare takes a float .onnx first and a .weq second");
  }
  require_single_input(reference);
  require_single_input(quantized);
  const auto describe = [](const Network& network) {
    return network.path + " takes " + to_string(network.input_shape(0));
  };
  if (reference.input_shape(0) != quantized.input_shape(0) ||
      reference.graph->outputs.size() != quantized.model->info().outputs.size()) {
    throw ConvertError(quantized.path + ": is not made of " + reference.path + ": " +
                       describe(reference) + ", " + describe(quantized) +
                       "; convert that network, or compare with its own");
  }
  for (size_t o = 0; o < reference.graph->outputs.size(); ++o) {
    const Shape& shape = reference.graph->value(reference.graph->outputs[o]).shape;
    const Shape& other = quantized.model->info().outputs[o].shape;
    if (element_count(shape) != element_count(other)) {
      throw ConvertError(quantized.path + ": is not made of " + reference.path + ": output " +
                         std::to_string(o) + " is " + to_string(other) + " instead of " +
                         to_string(shape) + "; convert that network, or compare with its own");
    }
  }
}

}  // namespace

Comparison compare(const Network& reference, const Network& quantized, const DataSource& data,
                   const EvaluateOptions& options) {
  require_a_pair(reference, quantized);
  const Plan plan = make_plan(*reference.graph);
  std::vector<ImageResult> images(static_cast<size_t>(data.size()));
  const MakeWorker make_worker = [&]() -> ImageWorker {
    const auto worker = std::make_shared<Worker>(reference, quantized, data, plan, options);
    return [&, worker](int64_t index) { images[static_cast<size_t>(index)] = worker->run(index); };
  };
  for_each_image(data.size(), options.threads, make_worker, options.progress);

  SignalToNoise outputs;
  std::vector<SignalToNoise> values(plan.values.size());
  double agreeing = 0, right_float = 0, right = 0;
  for (const ImageResult& image : images) {
    agreeing += image.agrees;
    right_float += image.right_float;
    right += image.right;
    outputs.merge(image.outputs);
    for (size_t i = 0; i < values.size(); ++i) values[i].merge(image.values[i]);
  }
  const double percent = 100.0 / static_cast<double>(images.size());
  Comparison result;
  result.images = data.size();
  result.agreement = agreeing * percent;
  result.snr_db = outputs.db();
  if (data.has_labels()) {
    result.top1_float = right_float * percent;
    result.top1 = right * percent;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (images[0].held[i]) result.layers.push_back({plan.layers[i], values[i].db()});
  }
  return result;
}

}  // namespace weq::convert
