#include <cstdio>

#include "bench/network_report.h"
#include "converters/report/candidates.h"

namespace weq::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kBaseline =
    "layouts of oneDNN's choice, weights reordered beforehand and in large pages; bias, activation "
    "and residual fused; LRN in f32, its only type, written so by the layer before, made bytes "
    "after the pool behind it; channels joined by reorders, which are faster than its concat";

Json number(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }
Json text(const std::string& value) { return value.empty() ? Json(nullptr) : Json(value); }

Json to_json(const LayerRow& row) {
  Json out{
      {"name", row.name},           {"op", row.op},     {"bits", row.bits}, {"kernel", row.kernel},
      {"reason", text(row.reason)}, {"macs", row.macs}, {"ms", row.ms}};
  convert::add_candidates(row.candidates, &out);
  if (row.facts) {
    const LayerFacts& f = *row.facts;
    out["shape"] = {{"kernel", f.kernel},
                    {"stride", f.stride},
                    {"groups", f.groups},
                    {"inputs", f.inputs},
                    {"outputs", f.outputs}};
    out["weight_levels"] = {f.weight_min, f.weight_max};
    out["input_levels"] = {f.input_min, f.input_max};
    out["flush"] = f.lut_flush3;
    out["flush2"] = f.lut_flush2;
    out["sum16_flush"] = f.sum16_flush;
    out["winograd_line"] = f.winograd_line;
    out["winograd_centre"] = f.winograd_centre;
  }
  out["onednn_f32_ms"] = number(row.f32_ms);
  out["onednn_f32_implementation"] = text(row.f32_implementation);
  out["onednn_int8_ms"] = number(row.int8_ms);
  out["onednn_int8_implementation"] = text(row.int8_implementation);
  return out;
}

Json to_json(const std::vector<LayerRow>& rows) {
  Json out = Json::array();
  for (const LayerRow& row : rows) out.push_back(to_json(row));
  return out;
}

Json to_json(const Times& times) {
  return {{"rounds", times.rounds},        {"ms", times.ms},
          {"onednn_f32_ms", times.f32_ms}, {"onednn_int8_ms", number(times.int8_ms)},
          {"ratio_f32", times.ratio_f32},  {"ratio_int8", number(times.ratio_int8)},
          {"spread", times.spread}};
}

Json to_json(const SideTotals& totals) {
  return {{"layers", totals.layers}, {"weighted", totals.weighted}, {"macs", totals.macs}};
}

std::string fixed(const std::optional<double>& value, int digits) {
  if (!value) return "-";
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, *value);
  return buffer;
}

}  // namespace

Json to_json(const NetworkRow& row) {
  Json out{{"network", row.job.network},
           {"weights", text(row.job.weights)},
           {"activations", text(row.job.activations)},
           {"isa", row.isa},
           {"onednn_isa", row.onednn_isa},
           {"onednn_version", row.onednn_version},
           {"baseline", kBaseline},
           {"threads", row.job.threads}};
  out.update(to_json(row.warm));
  out["hash"] = row.hash;
  out["prepare_ms"] = row.prepare_ms;
  out["peak_bytes"] = row.peak_bytes;
  out["peak_macs_per_second"] = row.peak;
  out["totals"] = {
      {"ours", to_json(row.ours)}, {"f32", to_json(row.f32)}, {"int8", to_json(row.int8)}};
  out["layers"] = to_json(row.layers);
  if (!row.cold) return out;
  out["cold"] = to_json(*row.cold);
  out["cold"]["fully_connected"] = to_json(row.cold_layers);
  return out;
}

namespace {

void print_row(const NetworkRow& row, const std::string& bits, const Times& times) {
  std::printf("%-14s %5s %-10s %3d %9.2f %9s %9.2f %8s %8.2f %6.1f%% %10.0f %8.1f\n",
              row.job.network.c_str(), bits.c_str(), row.isa.c_str(), row.job.threads, times.ms,
              fixed(times.int8_ms, 2).c_str(), times.f32_ms, fixed(times.ratio_int8, 2).c_str(),
              times.ratio_f32, 100 * times.spread, row.prepare_ms,
              static_cast<double>(row.peak_bytes) * 1e-6);
}

}  // namespace

void print_table(const std::vector<NetworkRow>& rows) {
  std::printf("%-14s %5s %-10s %3s %9s %9s %9s %8s %8s %7s %10s %8s\n", "network", "W,A", "isa",
              "thr", "ms", "int8 ms", "f32 ms", "x int8", "x f32", "spread", "prepare ms",
              "peak MB");
  for (const NetworkRow& row : rows) {
    const std::string bits =
        row.job.weights.empty() ? "file" : row.job.weights + "," + row.job.activations;
    print_row(row, bits, row.warm);
    if (row.cold) print_row(row, "cold", *row.cold);
  }
}

void print_layers(const NetworkRow& row) {
  std::printf("\n%s, layer by layer\n%-24s %-10s %-22s %8s %8s %8s %7s  %s\n",
              row.job.network.c_str(), "layer", "bits", "kernel", "ms", "int8 ms", "f32 ms",
              "x int8", "oneDNN int8");
  for (const LayerRow& layer : row.layers) {
    std::optional<double> ratio;
    if (layer.int8_ms && layer.ms > 0) ratio = *layer.int8_ms / layer.ms;
    std::printf("%-24s %-10s %-22s %8.3f %8s %8s %7s  %s\n", layer.name.c_str(), layer.bits.c_str(),
                layer.kernel.c_str(), layer.ms, fixed(layer.int8_ms, 3).c_str(),
                fixed(layer.f32_ms, 3).c_str(), fixed(ratio, 2).c_str(),
                layer.int8_implementation.c_str());
  }
}

}  // namespace weq::bench
