// One row of bench_networks: measure a .weq file against oneDNN, and show the figures.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/layer_facts.h"
#include "bench/rounds.h"
#include "weq/weq.hpp"

namespace weq::bench {

struct NetworkJob {
  std::string network, weights, activations;  // as shown; "" for bits that the file alone knows
  std::string weq, onnx;                      // paths
  std::string isa;                            // "": the best
  std::string tuning;                         // SessionOptions::tuning
  int threads = 1;
  RoundOptions rounds;
  bool cold = false;  // with cold weights too, apart
};

struct LayerRow {
  std::string name, op, kernel, reason, bits;
  std::optional<LayerFacts> facts;  // of layers with weights
  std::vector<KernelCandidate> candidates;
  int64_t macs = 0;
  double ms = 0;
  std::optional<double> f32_ms, int8_ms;
  std::string f32_implementation, int8_implementation;

  // Each weight is used once.
  bool is_fully_connected() const {
    return facts && macs == int64_t{facts->inputs} * facts->outputs && facts->kernel == 1;
  }
};

// Medians, and ratios to ours round by round.
struct Times {
  double ms = 0, f32_ms = 0, ratio_f32 = 0;
  std::optional<double> int8_ms, ratio_int8;
  double spread = 0;  // of the ratio to int8, or to f32 without it
  size_t rounds = 0;
};

struct SideTotals {
  int layers = 0, weighted = 0;  // copies count as layers
  int64_t macs = 0;
};

struct NetworkRow {
  NetworkJob job;
  std::string isa, onednn_isa, onednn_version, hash;
  Times warm;
  std::optional<Times> cold;
  double prepare_ms = 0;  // open, verify, make a session
  size_t peak_bytes = 0;  // file, packed weights and arena
  double peak = 0;        // multiply-adds per second that the instructions of `isa` can do
  SideTotals ours, f32, int8;
  std::vector<LayerRow> layers, cold_layers;  // cold: fully connected ones
};

// Throws ConvertError.
NetworkRow measure_network(const NetworkJob& job);

nlohmann::ordered_json to_json(const NetworkRow& row);
void print_table(const std::vector<NetworkRow>& rows);
void print_layers(const NetworkRow& row);

}  // namespace weq::bench
