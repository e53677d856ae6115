#include <cstdio>

#include "bench/network_report.h"

namespace weq::bench {
namespace {

using Json = nlohmann::ordered_json;

Json number(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }
Json text(const std::string& value) { return value.empty() ? Json(nullptr) : Json(value); }

Json to_json(const LayerRow& row) {
  Json out{
      {"name", row.name},           {"op", row.op},     {"bits", row.bits}, {"kernel", row.kernel},
      {"reason", text(row.reason)}, {"macs", row.macs}, {"ms", row.ms}};
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
    out["winograd"] = f.winograd;
  }
  out["onednn_f32_ms"] = number(row.f32_ms);
  out["onednn_f32_implementation"] = text(row.f32_implementation);
  out["onednn_int8_ms"] = number(row.int8_ms);
  out["onednn_int8_implementation"] = text(row.int8_implementation);
  return out;
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
           {"threads", row.job.threads},
           {"cold", row.job.rounds.cold},
           {"rounds", row.rounds},
           {"ms", row.ms},
           {"onednn_f32_ms", row.f32_ms},
           {"onednn_int8_ms", number(row.int8_ms)},
           {"ratio_f32", row.ratio_f32},
           {"ratio_int8", number(row.ratio_int8)},
           {"spread", row.spread},
           {"hash", row.hash},
           {"prepare_ms", row.prepare_ms},
           {"peak_bytes", row.peak_bytes}};
  Json layers = Json::array();
  for (const LayerRow& layer : row.layers) layers.push_back(to_json(layer));
  out["layers"] = std::move(layers);
  return out;
}

void print_table(const std::vector<NetworkRow>& rows) {
  std::printf("%-14s %5s %-10s %3s %9s %9s %9s %8s %8s %7s %10s %8s\n", "network", "W,A", "isa",
              "thr", "ms", "int8 ms", "f32 ms", "x int8", "x f32", "spread", "prepare ms",
              "peak MB");
  for (const NetworkRow& row : rows) {
    const std::string bits =
        row.job.weights.empty() ? "file" : row.job.weights + "," + row.job.activations;
    std::printf("%-14s %5s %-10s %3d %9.2f %9s %9.2f %8s %8.2f %6.1f%% %10.0f %8.1f\n",
                row.job.network.c_str(), bits.c_str(), row.isa.c_str(), row.job.threads, row.ms,
                fixed(row.int8_ms, 2).c_str(), row.f32_ms, fixed(row.ratio_int8, 2).c_str(),
                row.ratio_f32, 100 * row.spread, row.prepare_ms,
                static_cast<double>(row.peak_bytes) * 1e-6);
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
