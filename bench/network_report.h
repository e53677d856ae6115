// One row of bench_networks: measure a .weq file against oneDNN, and show the figures.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/layer_facts.h"
#include "bench/rounds.h"

namespace weq::bench {

struct NetworkJob {
  std::string network, weights, activations;  // as shown; "" for bits that the file alone knows
  std::string weq, onnx;                      // paths
  std::string isa;                            // "": the best
  int threads = 1;
  RoundOptions rounds;
};

struct LayerRow {
  std::string name, op, kernel, reason, bits;
  std::optional<LayerFacts> facts;  // of layers with weights
  int64_t macs = 0;
  double ms = 0;
  std::optional<double> f32_ms, int8_ms;
  std::string f32_implementation, int8_implementation;
};

struct NetworkRow {
  NetworkJob job;
  std::string isa, onednn_isa, hash;
  double ms = 0, f32_ms = 0, spread = 0;
  std::optional<double> int8_ms, ratio_int8;
  double ratio_f32 = 0;
  size_t rounds = 0;
  double prepare_ms = 0;  // open, verify, make a session
  size_t peak_bytes = 0;  // file, packed weights and arena
  std::vector<LayerRow> layers;
};

// Throws ConvertError.
NetworkRow measure_network(const NetworkJob& job);

nlohmann::ordered_json to_json(const NetworkRow& row);
void print_table(const std::vector<NetworkRow>& rows);
void print_layers(const NetworkRow& row);

}  // namespace weq::bench
