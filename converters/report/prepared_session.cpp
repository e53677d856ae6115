#include "converters/report/prepared_session.h"

namespace weq::convert {

std::vector<Tensor> noise_inputs(const Network& network, int64_t batch) {
  std::vector<Tensor> inputs;
  for (size_t i = 0; i < network.input_count(); ++i) {
    const Shape shape = network.input_shape(i);
    SourceOptions options;
    options.path = "random";
    options.limit = batch;
    // The neutral preprocessing where this input takes no image.
    const auto source = open_source(options, i == 0 ? network.preprocess : Preprocess{}, shape);
    Tensor input;
    if (network.graph) input.dtype = network.graph->value(network.graph->inputs[i]).dtype;
    for (int64_t b = 0; b < batch; ++b) {
      const Record record = source->read(b);
      if (input.dtype == DType::kFloat) {
        input.f.insert(input.f.end(), record.input.f.begin(), record.input.f.end());
      } else {
        input.i.resize(input.i.size() + record.input.f.size());
      }
    }
    input.shape = shape;
    const bool batched = network.model || network.graph->value(network.graph->inputs[i]).batched;
    if (!shape.empty() && batched) input.shape[0] *= batch;
    if (!batched && batch > 1) {
      input.f.resize(static_cast<size_t>(element_count(shape)));
      input.i.resize(input.dtype == DType::kFloat ? 0 : static_cast<size_t>(element_count(shape)));
    }
    inputs.push_back(std::move(input));
  }
  return inputs;
}

PreparedSession make_session(const Network& network, const RunnerOptions& options) {
  PreparedSession prepared;
  SessionOptions session_options;
  session_options.batch = static_cast<int>(options.batch);
  session_options.threads = options.threads;
  session_options.isa = options.isa;
  session_options.tuning = options.tuning;
  session_options.float_runner = prepared.float_layers.get();
  check(Session::create(network.model, session_options, &prepared.session));
  const std::vector<Tensor> inputs = noise_inputs(network, options.batch);
  for (size_t i = 0; i < inputs.size(); ++i) {
    check(prepared.session->set_input_float(i, inputs[i].f.data(), inputs[i].f.size()));
  }
  return prepared;
}

}  // namespace weq::convert
