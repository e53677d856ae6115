#include "converters/report/latency.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

#include "converters/float/executor.h"
#include "converters/report/prepared_session.h"

namespace weq::convert {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kMinRuns = 5, kMaxRuns = 1000, kWarmUps = 3;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
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
  RunnerOptions other_options = options.runner;
  other_options.tuning.clear();
  const PreparedRun second = other != nullptr ? make_run(*other, other_options) : PreparedRun();
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
