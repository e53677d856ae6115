#include <omp.h>
#include <dnnl.hpp>

#include "bench/contenders.h"
#include "bench/measure_layers.h"
#include "bench/network_report.h"
#include "bench/peak.h"
#include "converters/report/latency.h"
#include "kernels/isa.h"

namespace weq::bench {
namespace {

using convert::percentiles;

Times times_of(Ours* ours, Theirs* theirs, const RoundOptions& options, int threads) {
  std::vector<TimedRun> competitors{clocked([=] { ours->run(); }, threads),
                                    clocked([=] { theirs->run_f32(); }, threads)};
  if (theirs->int8() != nullptr)
    competitors.push_back(clocked([=] { theirs->int8()->run(); }, threads));
  const auto rounds = run_rounds(competitors, options);
  Times times;
  times.rounds = rounds[0].size();
  times.ms = percentiles(rounds[0]).median;
  times.f32_ms = percentiles(rounds[1]).median;
  Ratio ratio = ratio_of(rounds[1], rounds[0]);
  times.ratio_f32 = ratio.median;
  if (theirs->int8() != nullptr) {
    times.int8_ms = percentiles(rounds[2]).median;
    ratio = ratio_of(rounds[2], rounds[0]);
    times.ratio_int8 = ratio.median;
  }
  times.spread = ratio.spread;
  return times;
}

SideTotals totals_of(const OnednnNetwork* network) {
  SideTotals totals;
  if (network == nullptr) return totals;
  for (const OnednnNetwork::Step& step : network->steps()) {
    ++totals.layers;
    totals.weighted += step.macs > 0 ? 1 : 0;
    totals.macs += step.macs;
  }
  return totals;
}

SideTotals totals_of(const std::vector<LayerRow>& layers) {
  SideTotals totals;
  for (const LayerRow& layer : layers) {
    ++totals.layers;
    totals.weighted += layer.macs > 0 ? 1 : 0;
    totals.macs += layer.macs;
  }
  return totals;
}

std::string onednn_version() {
  const dnnl::version_t& v = *dnnl::version();
  return std::to_string(v.major) + "." + std::to_string(v.minor) + "." + std::to_string(v.patch);
}

}  // namespace

NetworkRow measure_network(const NetworkJob& job) {
  omp_set_num_threads(job.threads);
  SessionOptions options;
  options.isa = job.isa;
  options.threads = job.threads;
  options.tuning = job.tuning;
  Ours ours(job.weq, options);
  Theirs theirs(job.onnx);
  NetworkRow row;
  row.job = job;
  row.warm = times_of(&ours, &theirs, job.rounds, job.threads);
  row.layers = measure_layers(&ours, &theirs, job.weq, false);
  if (job.cold) {
    RoundOptions cold = job.rounds;
    cold.cold = true;
    row.cold = times_of(&ours, &theirs, cold, job.threads);
    for (LayerRow& layer : measure_layers(&ours, &theirs, job.weq, true))
      if (layer.is_fully_connected()) row.cold_layers.push_back(std::move(layer));
  }
  row.isa = ours.session().isa();
  row.onednn_isa = convert::float_isa_name();
  row.onednn_version = onednn_version();
  row.hash = ours.hash();
  row.prepare_ms = ours.prepare_ms();
  row.peak_bytes = ours.peak_bytes();
  row.ours = totals_of(row.layers);
  row.f32 = totals_of(theirs.f32());
  row.int8 = totals_of(theirs.int8());
  kernels::Isa isa = kernels::Isa::kScalar;
  if (kernels::isa_from_name(row.isa.c_str(), &isa)) row.peak = peak_macs_per_second(isa);
  return row;
}

}  // namespace weq::bench
