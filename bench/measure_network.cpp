#include <omp.h>

#include <chrono>
#include <cstdio>
#include <map>

#include "bench/layer_facts.h"
#include "bench/network_report.h"
#include "bench/onednn_network.h"
#include "converters/data/digest.h"
#include "converters/float/executor.h"
#include "converters/float/layer_runner.h"
#include "converters/onnx/import.h"
#include "converters/passes/passes.h"
#include "converters/report/latency.h"

namespace weq::bench {
namespace {

using convert::Tensor;
using Clock = std::chrono::steady_clock;
constexpr int kLayerPasses = 9;

// Our side, inputs in place.
struct Ours {
  std::unique_ptr<FloatRunner> float_layers = convert::make_layer_runner();
  std::shared_ptr<const Model> model;
  std::unique_ptr<Session> session;
  double prepare_ms = 0;
  size_t peak_bytes = 0;

  explicit Ours(const NetworkJob& job) {
    const Clock::time_point start = Clock::now();
    convert::check(Model::from_file(job.weq, &model));
    SessionOptions options;
    options.threads = job.threads;
    options.isa = job.isa;
    options.float_runner = float_layers.get();
    convert::check(Session::create(model, options, &session));
    prepare_ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    peak_bytes = model->info().file_bytes + model->packed_bytes() + session->arena_bytes();
    set_inputs();
  }

  // Bytes of a fixed hash for images, small whole numbers else.
  void set_inputs() {
    for (size_t i = 0; i < session->inputs().size(); ++i) {
      const PortInfo& port = session->inputs()[i];
      const auto count = static_cast<size_t>(convert::element_count(port.shape));
      std::vector<uint8_t> bytes(count);
      for (size_t k = 0; k < count; ++k)
        bytes[k] = static_cast<uint8_t>((k * 0x9E3779B97F4A7C15u) >> 56);
      if (port.image) {
        convert::check(session->set_input_image(i, bytes.data(), count));
        continue;
      }
      std::vector<float> values(count);
      for (size_t k = 0; k < count; ++k) values[k] = static_cast<float>(bytes[k] - 128) / 64.0F;
      convert::check(session->set_input_float(i, values.data(), count));
    }
  }

  std::string hash() const {
    convert::Fnv1a digest;
    for (size_t i = 0; i < session->outputs().size(); ++i) {
      std::vector<float> values(
          static_cast<size_t>(convert::element_count(session->outputs()[i].shape)));
      convert::check(session->get_output_float(i, values.data(), values.size()));
      digest.add(values.data(), values.size() * sizeof(float));
    }
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(digest.value()));
    return text;
  }

  std::vector<LayerTrace> trace() {
    std::vector<std::vector<double>> times;
    std::vector<LayerTrace> layers;
    session->set_trace(true);
    for (int pass = 0; pass < kLayerPasses; ++pass) {
      convert::check(session->run());
      layers = session->trace();
      times.resize(layers.size());
      for (size_t l = 0; l < layers.size(); ++l) times[l].push_back(layers[l].milliseconds);
    }
    session->set_trace(false);
    for (size_t l = 0; l < layers.size(); ++l)
      layers[l].milliseconds = convert::percentiles(times[l]).median;
    return layers;
  }
};

// oneDNN's side; the converter's own float path where the baseline lacks an operator.
struct Theirs {
  convert::Graph graph;
  std::unique_ptr<OnednnNetwork> f32, int8;
  std::unique_ptr<convert::FloatExecutor> fallback;
  std::vector<Tensor> inputs;

  explicit Theirs(const std::string& onnx) : graph(convert::import_onnx(onnx)) {
    convert::prepare_for_quantization(graph);
    try {
      f32 = std::make_unique<OnednnNetwork>(graph, Arithmetic::kFloat);
      int8 = std::make_unique<OnednnNetwork>(graph, Arithmetic::kInt8);
    } catch (const convert::ConvertError& error) {
      std::fprintf(stderr, "weq: %s: %s; the float side is the converter's, int8 is left out\n",
                   onnx.c_str(), error.what());
      f32.reset();
      fallback = std::make_unique<convert::FloatExecutor>(graph);
    }
    for (const convert::ValueId id : graph.inputs) {
      const convert::Value& value = graph.value(id);
      Tensor input{value.dtype, value.shape, {}, {}};
      const auto count = static_cast<size_t>(convert::element_count(value.shape));
      for (size_t k = 0; k < count; ++k)
        input.f.push_back(static_cast<float>((k * 2654435761u) >> 24 & 255) / 64.0F - 2.0F);
      inputs.push_back(std::move(input));
    }
    if (f32) f32->set_input(inputs[0].f);
  }

  void run_f32() {
    if (f32) return f32->run();
    std::vector<const Tensor*> pointers;
    for (const Tensor& input : inputs) pointers.push_back(&input);
    fallback->run(pointers);
  }
};

using StepsByName = std::map<std::string, OnednnNetwork::Step>;

// A node of several primitives: times add up.
StepsByName by_name(const std::vector<OnednnNetwork::Step>& steps) {
  StepsByName result;
  for (const OnednnNetwork::Step& step : steps) {
    OnednnNetwork::Step& sum = result[step.name];
    sum.milliseconds += step.milliseconds;
    sum.implementation += (sum.implementation.empty() ? "" : " + ") + step.implementation;
  }
  return result;
}

std::vector<LayerRow> layer_rows(Ours* ours, Theirs* theirs, const std::string& weq) {
  StepsByName f32, int8;
  if (theirs->f32) f32 = by_name(theirs->f32->time_steps(kLayerPasses));
  if (theirs->int8) int8 = by_name(theirs->int8->time_steps(kLayerPasses));
  const auto facts = layer_facts(weq);
  std::map<std::string, LayerInfo> infos;
  for (const LayerInfo& info : ours->model->info().layers) infos[info.name] = info;
  std::vector<LayerRow> rows;
  for (const LayerTrace& trace : ours->trace()) {
    LayerRow row;
    row.name = trace.name;
    row.op = trace.op;
    row.kernel = trace.kernel;
    row.ms = trace.milliseconds;
    row.macs = trace.macs;
    const LayerInfo& info = infos[trace.name];
    const std::string output = std::to_string(info.activation_bits);
    row.bits = info.weight_levels > 0 ? std::to_string(info.weight_levels) + "L," + output : output;
    row.reason = trace.reason;
    if (const auto found = facts.find(trace.name); found != facts.end()) row.facts = found->second;
    if (const auto step = f32.find(trace.name); step != f32.end()) {
      row.f32_ms = step->second.milliseconds;
      row.f32_implementation = step->second.implementation;
    }
    if (const auto step = int8.find(trace.name); step != int8.end()) {
      row.int8_ms = step->second.milliseconds;
      row.int8_implementation = step->second.implementation;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

NetworkRow measure_network(const NetworkJob& job) {
  omp_set_num_threads(job.threads);
  Ours ours(job);
  Theirs theirs(job.onnx);
  std::vector<std::function<void()>> competitors{[&] { convert::check(ours.session->run()); }};
  if (theirs.int8) competitors.emplace_back([&] { theirs.int8->run(); });
  competitors.emplace_back([&] { theirs.run_f32(); });
  const auto times = run_rounds(competitors, job.rounds);

  NetworkRow row;
  row.job = job;
  row.isa = ours.session->isa();
  row.onednn_isa = convert::float_isa_name();
  row.hash = ours.hash();
  row.rounds = times[0].size();
  row.ms = convert::percentiles(times[0]).median;
  row.f32_ms = convert::percentiles(times.back()).median;
  Ratio ratio = ratio_of(times.back(), times[0]);
  row.ratio_f32 = ratio.median;
  if (theirs.int8) {
    row.int8_ms = convert::percentiles(times[1]).median;
    ratio = ratio_of(times[1], times[0]);
    row.ratio_int8 = ratio.median;
  }
  row.spread = ratio.spread;
  row.prepare_ms = ours.prepare_ms;
  row.peak_bytes = ours.peak_bytes;
  row.layers = layer_rows(&ours, &theirs, job.weq);
  return row;
}

}  // namespace weq::bench
