#include "bench/measure_layers.h"

#include <map>

#include "converters/report/latency.h"

namespace weq::bench {
namespace {

constexpr int kPasses = 9;

struct TheirLayer {
  double milliseconds = 0;
  std::string implementation;
};
using TheirLayers = std::map<std::string, TheirLayer>;

// Times of one list of steps, [pass][step].
using Passes = std::vector<std::vector<double>>;

std::vector<double> medians(const Passes& passes) {
  std::vector<double> result;
  for (size_t i = 0; i < passes[0].size(); ++i) {
    std::vector<double> times;
    for (const auto& pass : passes) times.push_back(pass[i]);
    result.push_back(convert::percentiles(times).median);
  }
  return result;
}

TheirLayers by_name(const OnednnNetwork* network, const Passes& passes) {
  TheirLayers result;
  if (network == nullptr) return result;
  const std::vector<double> times = medians(passes);
  for (size_t i = 0; i < times.size(); ++i) {
    const OnednnNetwork::Step& step = network->steps()[i];
    TheirLayer& sum = result[step.name];
    sum.milliseconds += times[i];
    sum.implementation += (sum.implementation.empty() ? "" : " + ") + step.implementation;
  }
  return result;
}

LayerRow row_of(const LayerTrace& trace, double milliseconds, const LayerInfo& info) {
  LayerRow row;
  row.name = trace.name;
  row.op = trace.op;
  row.kernel = trace.kernel;
  row.reason = trace.reason;
  row.candidates = trace.candidates;
  row.ms = milliseconds;
  row.macs = trace.macs;
  const std::string output = std::to_string(info.activation_bits);
  row.bits = info.weight_levels > 0 ? std::to_string(info.weight_levels) + "L," + output : output;
  return row;
}

void add_theirs(const TheirLayers& layers, const std::string& name, std::optional<double>* ms,
                std::string* implementation) {
  const auto found = layers.find(name);
  if (found == layers.end()) return;
  *ms = found->second.milliseconds;
  *implementation = found->second.implementation;
}

}  // namespace

std::vector<LayerRow> measure_layers(Ours* ours, Theirs* theirs, const std::string& weq,
                                     bool cold) {
  Displacer caches(cold);
  Passes own, f32, int8;
  std::vector<LayerTrace> traces;
  for (int pass = 0; pass < kPasses; ++pass) {
    caches.before([=] { return ours->run(), 0.0; });
    traces = ours->run_timed();
    own.emplace_back();
    for (const LayerTrace& trace : traces) own.back().push_back(trace.milliseconds);
    for (const auto& [network, times] :
         {std::pair(theirs->f32(), &f32), std::pair(theirs->int8(), &int8)}) {
      if (network == nullptr) continue;
      caches.before([side = network] { return side->run(), 0.0; });
      times->push_back(network->run_timed());
    }
  }
  const TheirLayers f32_layers = by_name(theirs->f32(), f32);
  const TheirLayers int8_layers = by_name(theirs->int8(), int8);
  const std::vector<double> own_times = medians(own);
  std::map<std::string, LayerFacts> facts;
  for (const LayerFacts& layer : layer_facts(weq)) facts[layer.name] = layer;
  std::map<std::string, LayerInfo> infos;
  for (const LayerInfo& info : ours->model().info().layers) infos[info.name] = info;

  std::vector<LayerRow> rows;
  for (size_t i = 0; i < traces.size(); ++i) {
    LayerRow row = row_of(traces[i], own_times[i], infos[traces[i].name]);
    if (const auto found = facts.find(row.name); found != facts.end()) row.facts = found->second;
    add_theirs(f32_layers, row.name, &row.f32_ms, &row.f32_implementation);
    add_theirs(int8_layers, row.name, &row.int8_ms, &row.int8_implementation);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace weq::bench
