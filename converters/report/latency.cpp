#include "converters/report/latency.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

#include "converters/float/executor.h"
#include "converters/float/layer_runner.h"

namespace weq::convert {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kMinRuns = 5, kMaxRuns = 1000, kWarmUps = 3;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Seeded noise for every input, `batch` records each.
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

// A session with its inputs set, and what it needs to live.
struct PreparedSession {
  std::unique_ptr<FloatRunner> float_layers = make_layer_runner();
  std::unique_ptr<Session> session;
};

PreparedSession make_session(const Network& network, const RunnerOptions& options) {
  PreparedSession prepared;
  SessionOptions session_options;
  session_options.batch = static_cast<int>(options.batch);
  session_options.threads = options.threads;
  session_options.isa = options.isa;
  session_options.float_runner = prepared.float_layers.get();
  check(Session::create(network.model, session_options, &prepared.session));
  const std::vector<Tensor> inputs = noise_inputs(network, options.batch);
  for (size_t i = 0; i < inputs.size(); ++i) {
    check(prepared.session->set_input_float(i, inputs[i].f.data(), inputs[i].f.size()));
  }
  return prepared;
}

// One run, everything else done ahead.
struct PreparedRun {
  std::function<void()> run;
  std::string isa;
};

PreparedRun make_run(const Network& network, const RunnerOptions& options) {
  if (network.model) {
    const auto prepared = std::make_shared<PreparedSession>(make_session(network, options));
    return {[prepared] { check(prepared->session->run()); }, prepared->session->isa()};
  }
  const auto inputs = std::make_shared<std::vector<Tensor>>(noise_inputs(network, options.batch));
  const auto executor = std::make_shared<FloatExecutor>(*network.graph, options.batch);
  return {[inputs, executor] {
            std::vector<const Tensor*> pointers;
            for (const Tensor& input : *inputs) pointers.push_back(&input);
            executor->run(pointers);
          },
          float_isa_name()};
}

double time_ms(const std::function<void()>& run) {
  const Clock::time_point start = Clock::now();
  run();
  return 1e3 * seconds_since(start);
}

}  // namespace

Percentiles percentiles(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    const double position = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<size_t>(position);
    const size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (position - std::floor(position)) * (values[above] - values[below]);
  };
  return {at(0.1), at(0.5), at(0.9)};
}

Latency measure_latency(const Network& network, const Network* other,
                        const LatencyOptions& options) {
  const PreparedRun first = make_run(network, options.runner);
  const PreparedRun second = other != nullptr ? make_run(*other, options.runner) : PreparedRun();
  const std::function<void()>&run = first.run, &run_other = second.run;
  for (int i = 0; i < kWarmUps; ++i) {
    run();
    if (run_other) run_other();
  }
  std::vector<double> times, other_times, ratios;
  const double budget = options.seconds * (run_other ? 2 : 1);
  const Clock::time_point start = Clock::now();
  while (times.size() < kMinRuns || (times.size() < kMaxRuns && seconds_since(start) < budget)) {
    times.push_back(time_ms(run));
    if (!run_other) continue;
    other_times.push_back(time_ms(run_other));
    ratios.push_back(other_times.back() / times.back());
  }
  Latency result;
  result.isa = first.isa;
  result.other_isa = second.isa;
  result.runs = static_cast<int64_t>(times.size());
  result.ms = percentiles(times);
  if (run_other) {
    result.other_median_ms = percentiles(other_times).median;
    result.ratio = percentiles(ratios).median;
  }
  return result;
}

std::vector<LayerTrace> trace_layers(const Network& network, const LatencyOptions& options) {
  const PreparedSession prepared = make_session(network, options.runner);
  Session* session = prepared.session.get();
  for (int i = 0; i < kWarmUps; ++i) check(session->run());
  session->set_trace(true);
  std::vector<std::vector<double>> times;
  std::vector<LayerTrace> layers;
  const Clock::time_point start = Clock::now();
  for (int i = 0; i < kMaxRuns && (i < kMinRuns || seconds_since(start) < options.seconds); ++i) {
    check(session->run());
    layers = session->trace();
    times.resize(layers.size());
    for (size_t l = 0; l < layers.size(); ++l) times[l].push_back(layers[l].milliseconds);
  }
  for (size_t l = 0; l < layers.size(); ++l) layers[l].milliseconds = percentiles(times[l]).median;
  return layers;
}

}  // namespace weq::convert
